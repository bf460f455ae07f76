"""Tempo's API, over HTTP and gRPC: a module per group of paths."""
