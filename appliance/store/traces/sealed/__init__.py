"""Sealed blocks: their columns as blobs, and how these are read."""
