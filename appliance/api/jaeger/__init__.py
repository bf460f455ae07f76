"""Jaeger's query service: the API of its page, version 3 over HTTP, both versions over gRPC."""
