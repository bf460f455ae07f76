"""Zipkin's formats (zipkin-api 1.x): v2 as JSON and protobuf, v1 as JSON and Thrift.

Each reader makes `ZipkinSpan`s of a body; `otlp` says what they are in OTLP, which is what the
OpenTelemetry collector makes of them, except where `Differs` says so.
"""
