"""Tailing: log files are followed and their lines go through stages, as in promtail."""
