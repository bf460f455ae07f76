"""What stands beside samples in tables of its own: start times, exemplars, metadata."""
