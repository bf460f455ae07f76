"""Unit tests of rules in promtool's format (Prometheus 3, "Unit testing for rules")."""
