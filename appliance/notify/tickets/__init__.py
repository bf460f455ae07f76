"""Integrations that open a ticket."""
