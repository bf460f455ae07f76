"""Storage: one SQLite file per signal; the only place with SQL. Returns model values, not rows."""
