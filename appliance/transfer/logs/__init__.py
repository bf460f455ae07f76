"""Log entries to and from a running server, ours or a Loki."""
