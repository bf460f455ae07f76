"""What is done with spansets, one element after the other."""
