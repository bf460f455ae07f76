"""Logs of containers from Docker's API."""
