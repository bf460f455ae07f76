"""Bytes to model and back: pure functions, one module or folder per format."""
