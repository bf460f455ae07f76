"""Packs: shipped rules, routing and runbooks for a kind of system; see data/README.md."""
