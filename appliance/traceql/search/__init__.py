"""Searching traces."""
