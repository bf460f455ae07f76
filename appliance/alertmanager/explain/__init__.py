"""Why somebody was told of an alert, or was not, and when next."""
