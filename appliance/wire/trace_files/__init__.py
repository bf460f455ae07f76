"""Traces in files: the JSON of Jaeger, OTLP, Tempo and Zipkin, read and written."""
