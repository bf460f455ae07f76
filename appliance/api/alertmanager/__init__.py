"""Alertmanager's HTTP API, and what is asked of alerts beyond it."""
