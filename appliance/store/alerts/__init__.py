"""Alerts, silences, the notification log, rule states, and the flight record of alerts."""
