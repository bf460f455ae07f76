"""compare(): what tells a selection of spans from the others."""
