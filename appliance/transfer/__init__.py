"""Metrics as OpenMetrics text: into a server or a data directory, and out of them."""
