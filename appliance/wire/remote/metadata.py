"""Types of metrics by their numbers in remote write (prompb.MetricMetadata.MetricType)."""

from __future__ import annotations

from appliance.model.sample import MetricMetadata

#: By number; version 1 and 2 have the same ones.
TYPES = (
    "unknown",
    "counter",
    "gauge",
    "histogram",
    "gaugehistogram",
    "summary",
    "info",
    "stateset",
)


def metadata_of(kind: int, help_text: bytes, unit: bytes) -> MetricMetadata:
    """Metadata from the parts of a message; what is no UTF-8 becomes U+FFFD."""
    name = TYPES[kind] if 0 <= kind < len(TYPES) else TYPES[0]
    return MetricMetadata(name, _text(help_text), _text(unit))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
