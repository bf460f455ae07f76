"""Templates of `line_format` and `label_format` over columns (Loki 3, "Template functions")."""
