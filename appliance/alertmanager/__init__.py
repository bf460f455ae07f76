"""Alertmanager: routing, grouping, inhibition, silences."""
