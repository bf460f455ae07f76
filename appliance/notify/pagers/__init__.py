"""Integrations that wake somebody."""
