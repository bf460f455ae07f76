"""One module per contract: the only place that serves."""
