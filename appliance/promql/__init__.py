"""PromQL: selectors, ranges, offsets and literals so far."""
