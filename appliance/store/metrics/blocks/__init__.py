"""Sealed samples: the bytes of a block, the tables, which series stand where."""
