"""Blocks and the head as queries see them."""
