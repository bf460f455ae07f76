"""Jaeger's Thrift (jaeger-idl, jaeger.thrift and agent.thrift): batches, and calls of its agent."""
