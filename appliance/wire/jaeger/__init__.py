"""Jaeger's formats of traces: the JSON of its page, the protobuf of its query API, its fixes."""
