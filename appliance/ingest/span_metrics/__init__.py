"""Metrics made of spans as they come: calls, latencies, sizes, and the graph of services."""
