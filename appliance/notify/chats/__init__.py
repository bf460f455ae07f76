"""Integrations that post into a chat."""
