"""Groups of alerts: made by routes, flushed at their times."""
