"""Sending on what comes in (`remote_write` of prometheus.yml): tap → durable queue → senders."""
