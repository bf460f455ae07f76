"""Making delimited protobuf as client libraries do."""

from __future__ import annotations

from typing import Any

from appliance.wire.messages.exposition_pb2 import Instant, LabelPair, MetricFamily

PROTO = (
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
)
COUNTER, GAUGE, SUMMARY, UNTYPED, HISTOGRAM, GAUGE_HISTOGRAM = range(6)


def pairs(labels: dict[str, str]) -> list[bytes]:
    return [
        LabelPair(name=name.encode(), value=value.encode()).SerializeToString()
        for name, value in labels.items()
    ]


def instant(seconds: float) -> Instant:
    whole = int(seconds)
    return Instant(seconds=whole, nanos=round((seconds - whole) * 1e9))


def family(name: str, kind: int, *metrics: dict[str, Any], **more: Any) -> MetricFamily:
    """A family of metrics; `labels` of each is a dict."""
    made = MetricFamily(name=name.encode(), type=kind, **more)
    for metric in metrics:
        labels = pairs(metric.pop("labels", {}))
        made.metric.add(label=labels, **metric)
    return made


def delimited(*families: MetricFamily) -> bytes:
    body = b""
    for one in families:
        data = one.SerializeToString()
        size, length = len(data), b""
        while size > 0x7F:
            length += bytes([size & 0x7F | 0x80])
            size >>= 7
        body += length + bytes([size]) + data
    return body
