"""Rules as the configuration says: which groups, what their evaluation is given, who is told."""
