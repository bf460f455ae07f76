"""Log requests to streams (opentelemetry/proto/collector/logs/v1), as Loki 3 maps them.

Some resource attributes become the stream's labels, all others structured metadata of every entry;
so do scope, attributes and the record's own fields. Lines are the bodies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from appliance.base.errors import TooLarge
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.wire.loki_labels import SERVICE_LABELS, UNKNOWN_SERVICE
from appliance.wire.otlp.message import MAX_NS, Rejects, parse
from appliance.wire.otlp.values import flatten, to_text

if TYPE_CHECKING:
    from appliance.model.accepted import Reject
    from appliance.model.log import Metadata

_TOO_MUCH_SHARED = (
    "attributes of resources and scopes take too much when every record has its copy of them, which"
    " may be a quarter of limits.decompressed_bytes; send smaller batches"
)
#: Resource attributes that Loki 3 makes stream labels by default.
INDEX_ATTRIBUTES = frozenset(
    [
        "cloud.availability_zone",
        "cloud.region",
        "container.name",
        "deployment.environment",
        "deployment.environment.name",
        "k8s.cluster.name",
        "k8s.container.name",
        "k8s.cronjob.name",
        "k8s.daemonset.name",
        "k8s.deployment.name",
        "k8s.job.name",
        "k8s.namespace.name",
        "k8s.pod.name",
        "k8s.replicaset.name",
        "k8s.statefulset.name",
        "service.instance.id",
        "service.name",
        "service.namespace",
    ]
)


@dataclass(slots=True)
class _Entries:
    """Entries of one stream as they come."""

    times: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    metadata: list[Metadata] = field(default_factory=list)


def decode_logs(
    body: bytes, *, now_ns: int, shared_bytes: int = 64 << 20
) -> tuple[list[StreamBatch], list[Reject]]:
    """Read an ExportLogsServiceRequest.

    Args:
        body: Protobuf.
        now_ns: The time of records that have neither a time nor an observed time.
        shared_bytes: How much the attributes of resources and scopes may come to, when each record
            has its copy of them: a small body could fill the memory with them.

    Returns:
        One batch per distinct set of stream labels, and what was refused: records whose time is
        beyond the year 2262. A reject's index counts all records of the request.

    Raises:
        BadInput: The body is not such a request.
        TooLarge: More than `shared_bytes`.
    """
    request = parse(ExportLogsServiceRequest, body)
    streams: dict[Labels, _Entries] = {}
    rejects = Rejects()
    index = 0
    for group in request.resource_logs:
        labels, resource = _resource(group.resource)
        for scoped in group.scope_logs:
            common = resource | _scope(scoped.scope)
            shared_bytes -= _repeated_bytes(common, len(scoped.log_records))
            if shared_bytes < 0:
                raise TooLarge(_TOO_MUCH_SHARED, limit="limits.decompressed_bytes")
            entries = streams.setdefault(labels, _Entries())
            for record in scoped.log_records:
                time_ns = record.time_unix_nano or record.observed_time_unix_nano or now_ns
                if time_ns > MAX_NS:
                    rejects.add(index, f"time_unix_nano {time_ns} is out of range")
                else:
                    entries.times.append(time_ns)
                    entries.lines.append(to_text(record.body).encode())
                    entries.metadata.append(_metadata(record, common))
                index += 1
    batches = [
        StreamBatch(
            labels,
            np.array(entries.times, dtype=np.int64),
            entries.lines,
            entries.metadata if any(entries.metadata) else None,
        )
        for labels, entries in streams.items()
        if entries.times
    ]
    return batches, rejects.items


def _repeated_bytes(attributes: dict[str, str], times: int) -> int:
    return times * sum(map(len, chain.from_iterable(attributes.items())))


def _resource(resource: Any) -> tuple[Labels, dict[str, str]]:
    """Stream labels and the structured metadata that every entry of a resource gets."""
    labels: dict[str, str] = {}
    metadata: dict[str, str] = {}
    for attribute in resource.attributes:
        is_label = attribute.key in INDEX_ATTRIBUTES
        flatten(labels if is_label else metadata, attribute.key, attribute.value)
    if "service_name" not in labels:
        labels["service_name"] = _service(labels)
    return Labels.of(labels), metadata


def _service(labels: dict[str, str]) -> str:
    """The first label, as they were sent, that may name a service; not the first of Loki's list."""
    return next(
        (value for name, value in labels.items() if name in SERVICE_LABELS), UNKNOWN_SERVICE
    )


def _scope(scope: Any) -> dict[str, str]:
    metadata: dict[str, str] = {}
    for attribute in scope.attributes:
        flatten(metadata, attribute.key, attribute.value)
    if scope.name:
        metadata["scope_name"] = scope.name
    if scope.version:
        metadata["scope_version"] = scope.version
    if scope.dropped_attributes_count:
        metadata["scope_dropped_attributes_count"] = str(scope.dropped_attributes_count)
    return metadata


def _metadata(record: Any, common: dict[str, str]) -> Metadata:
    metadata = common.copy()
    for attribute in record.attributes:
        flatten(metadata, attribute.key, attribute.value)
    if number := record.severity_number:
        metadata["severity_number"] = str(number)
    if text := record.severity_text:
        metadata["severity_text"] = text
    if trace_id := record.trace_id:
        metadata["trace_id"] = trace_id.hex()
    if span_id := record.span_id:
        metadata["span_id"] = span_id.hex()
    if flags := record.flags:
        metadata["flags"] = str(flags)
    if record.time_unix_nano and (observed := record.observed_time_unix_nano):
        metadata["observed_timestamp"] = str(observed)
    if dropped := record.dropped_attributes_count:
        metadata["dropped_attributes_count"] = str(dropped)
    if event := record.event_name:
        metadata["event_name"] = event
    return tuple(sorted(metadata.items()))
