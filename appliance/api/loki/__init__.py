"""Loki's HTTP API, and promtail's: a module per group of paths."""
