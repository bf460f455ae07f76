"""Log entries: inbox row, head, sealed chunks; see `store.py` for how the parts work together."""
