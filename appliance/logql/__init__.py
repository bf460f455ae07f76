"""LogQL: stream selectors and line filters so far."""
