"""Grafana dashboards: read as they are found, whatever their age, and judged."""
