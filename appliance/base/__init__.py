"""Foundations that know nothing of the product: time, tasks, errors, own telemetry."""
