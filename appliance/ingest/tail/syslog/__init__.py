"""The syslog receiver: framing, messages, TCP and UDP."""
