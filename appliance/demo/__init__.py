"""A small shop that sends what a real one would: metrics, Pino logs, traces with errors."""
