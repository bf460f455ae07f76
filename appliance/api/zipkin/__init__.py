"""Zipkin's HTTP API (zipkin-api, zipkin2-api.yaml): spans in, traces out."""
