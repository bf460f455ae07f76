"""Prometheus' HTTP API: a module per group of paths."""
