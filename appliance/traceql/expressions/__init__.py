"""Field expressions over the spans of a block: scalar semantics and their vectorised form."""
