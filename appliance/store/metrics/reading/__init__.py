"""Selections: from ids to blocks and the head, from these to groups of series."""
