"""Immutable values that every part speaks. Batches are columns (arrays), not lists of objects."""
