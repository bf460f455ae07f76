"""Our own paths about traces: what they show, files of them, and what belongs to them."""
