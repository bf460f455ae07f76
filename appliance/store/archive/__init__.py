"""Traces that are kept when retention removes the others."""
