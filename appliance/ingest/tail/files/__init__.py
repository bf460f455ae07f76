"""Following files: found by globs, known by their inodes, read in blocks, over rotations."""
