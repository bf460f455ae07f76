"""Spans: inbox row, head, blocks of columns; see `store.py` for how the parts work together."""
