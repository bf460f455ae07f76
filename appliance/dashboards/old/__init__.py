"""Panels of Grafana's first eight versions, turned into the JSON of those that followed them.

Each module has functions `panel -> panel`: what goes in is left as it is.
"""
