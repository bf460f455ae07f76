"""From an append to its inbox row and the head, and back at the start."""
