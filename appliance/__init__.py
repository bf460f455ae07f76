"""Appliance: metrics, logs, traces, alerts and errors in one process."""

__version__ = "0.1.0"
