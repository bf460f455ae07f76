"""Structured log lines: fields of JSON and logfmt lines, levels, patterns. Pure functions."""
