"""Signs of life: ours to others, others' to us."""
