"""Grafana's JSON, current and old, to the model."""
