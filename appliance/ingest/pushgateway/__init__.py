"""Metrics that short jobs push (the contract of Prometheus' Pushgateway)."""
