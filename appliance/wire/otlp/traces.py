"""Trace requests to span columns (opentelemetry/proto/collector/trace/v1).

A body is parsed twice, which is cheaper than it looks: once with the spans left as bytes, which
gives each span exactly as it came, and once in full, which validates every byte and gives the fixed
fields. Attributes are not read here; only `service.name`, once per resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from appliance.model.trace import SpanBatch
from appliance.wire.messages.otlp_shallow_pb2 import TraceRequest
from appliance.wire.otlp.message import MAX_NS, Rejects, parse
from appliance.wire.otlp.span_run import LEAST, SpanHeads, read_heads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.accepted import Reject

_NO_PARENT = bytes(8)
_KINDS = 5
_STATUSES = 2


class _Interned:
    """Distinct values in the order in which they came."""

    def __init__(self) -> None:
        self.ids: dict[Any, int] = {}

    def id_of(self, value: object) -> int:
        return self.ids.setdefault(value, len(self.ids))

    def values(self) -> list[Any]:
        return list(self.ids)


def decode_traces(body: bytes) -> tuple[SpanBatch, list[Reject]]:
    """Read an ExportTraceServiceRequest.

    A resource without `service.name` gives the empty service; how that is shown is up to the API.

    Returns:
        The valid spans in the order of the request, and what was refused: spans whose trace id is
        not 16 bytes, whose span id is not 8 bytes, whose ids are all zero, whose parent id has
        another length than 0 or 8, or that start after the year 2262. A reject's index counts
        all spans of the request.

    Raises:
        BadInput: The body is not such a request.
    """
    shallow = parse(TraceRequest, body, name=ExportTraceServiceRequest.DESCRIPTOR.name)
    raw = [
        span
        for group in shallow.resource_spans
        for scoped in group.scope_spans
        for span in scoped.spans
    ]
    quick = _decode_usual(shallow, raw) if len(raw) >= LEAST else None
    return (quick, []) if quick is not None else _decode_any(body, raw)


def _decode_usual(shallow: Any, raw: list[bytes]) -> SpanBatch | None:
    """A request of spans that are all valid and written as most senders do; else None."""
    heads = read_heads(raw)
    if heads is None or int(heads.starts.max()) > MAX_NS:
        return None
    shared = _Shared()
    try:
        for group in shallow.resource_spans:
            resource = Resource.FromString(group.resource)
            for scoped in group.scope_spans:
                scope = InstrumentationScope.FromString(scoped.scope)
                shared.add(resource, scope, len(scoped.spans))
    except DecodeError:
        return None
    return _batch(heads, raw, shared.places(), shared)


def _decode_any(body: bytes, raw: list[bytes]) -> tuple[SpanBatch, list[Reject]]:
    """Any request, span by span."""
    request = parse(ExportTraceServiceRequest, body)
    shared = _Shared()
    found: list[Any] = []
    for group in request.resource_spans:
        for scoped in group.scope_spans:
            found.extend(scoped.spans)
            shared.add(group.resource, scoped.scope, len(scoped.spans))
    places = shared.places()
    rejects = Rejects()
    keep = _valid(found, rejects)
    if keep is not None:
        found = [found[index] for index in keep]
        raw = [raw[index] for index in keep]
        places = places[keep]
    return _batch(_heads(found), raw, places, shared), rejects.items


class _Shared:
    """The distinct services, resources and scopes of a request, and which spans have which."""

    def __init__(self) -> None:
        self.services, self.resources, self.scopes = _Interned(), _Interned(), _Interned()
        self._places: list[tuple[int, int, int]] = []
        self._counts: list[int] = []

    def add(self, resource: Any, scope: Any, count: int) -> None:
        """So many spans have these."""
        place = (
            self.services.id_of(_service_name(resource)),
            self.resources.id_of(resource.SerializeToString()),
            self.scopes.id_of(scope.SerializeToString()),
        )
        self._places.append(place)
        self._counts.append(count)

    def places(self) -> NDArray[np.int32]:
        """int32[span, 3]: numbers of service, resource and scope."""
        places = np.array(self._places, dtype=np.int32).reshape(-1, 3)
        return np.repeat(places, self._counts, axis=0)


def _service_name(resource: Any) -> str:
    for attribute in resource.attributes:
        if attribute.key == "service.name":
            name: str = attribute.value.string_value
            return name
    return ""


def _valid(heads: list[Any], rejects: Rejects) -> NDArray[np.int64] | None:
    """The indexes of valid spans: int64[span], or None when all are valid."""
    count = len(heads)
    trace_ids = [span.trace_id for span in heads]
    span_ids = [span.span_id for span in heads]
    parents = [span.parent_span_id for span in heads]
    starts = [span.start_time_unix_nano for span in heads]
    lengths_fit = (
        set(map(len, trace_ids)) <= {16}
        and set(map(len, span_ids)) <= {8}
        and set(map(len, parents)) <= {0, 8}
    )
    if lengths_fit and max(starts, default=0) <= MAX_NS:
        words = np.frombuffer(b"".join(trace_ids), dtype=np.uint64).reshape(count, 2)
        ids = np.frombuffer(b"".join(span_ids), dtype=np.uint64)
        if words.any(axis=1).all() and ids.all():
            return None
    keep = []
    for index, span in enumerate(heads):
        reason = _reason(span)
        if reason:
            rejects.add(index, reason)
        else:
            keep.append(index)
    return np.array(keep, dtype=np.int64)


def _reason(span: Any) -> str:
    """Why a span cannot be kept; empty when it can."""
    if len(span.trace_id) != 16 or not any(span.trace_id):
        return f"invalid trace_id {span.trace_id.hex()!r}: 16 bytes, not all zero, are required"
    if len(span.span_id) != 8 or not any(span.span_id):
        return f"invalid span_id {span.span_id.hex()!r}: 8 bytes, not all zero, are required"
    if len(span.parent_span_id) not in {0, 8}:
        return f"invalid parent_span_id {span.parent_span_id.hex()!r}: 8 bytes or none are required"
    if span.start_time_unix_nano > MAX_NS:
        return f"start_time_unix_nano {span.start_time_unix_nano} is out of range"
    return ""


def _heads(spans: list[Any]) -> SpanHeads:
    trace_ids = b"".join([span.trace_id for span in spans])
    return SpanHeads(
        trace_ids=np.frombuffer(trace_ids, dtype=np.uint8).reshape(len(spans), 16),
        span_ids=_ids([span.span_id for span in spans]),
        parent_ids=_ids([span.parent_span_id or _NO_PARENT for span in spans]),
        starts=np.array([span.start_time_unix_nano for span in spans], dtype=np.uint64),
        ends=np.array([span.end_time_unix_nano for span in spans], dtype=np.uint64),
        kinds=np.array([span.kind for span in spans], dtype=np.int64),
        statuses=np.array([span.status.code for span in spans], dtype=np.int64),
        names=[span.name for span in spans],
    )


def _batch(
    heads: SpanHeads, raw: list[bytes], places: NDArray[np.int32], shared: _Shared
) -> SpanBatch:
    starts, ends = heads.starts, heads.ends
    durations = np.where(ends > starts, ends - starts, np.uint64(0))
    names = _Interned()
    name_ids = np.fromiter(map(names.id_of, heads.names), dtype=np.int32, count=len(raw))
    return SpanBatch(
        trace_ids=heads.trace_ids,
        span_ids=heads.span_ids,
        parent_ids=heads.parent_ids,
        start_ns=starts.astype(np.int64),
        # No span ends after the year 2262, so that start plus duration stays an int64.
        duration_ns=np.minimum(durations, np.uint64(MAX_NS) - starts).astype(np.int64),
        kinds=_enum(heads.kinds, _KINDS),
        statuses=_enum(heads.statuses, _STATUSES),
        name_ids=name_ids,
        names=names.values(),
        service_ids=np.ascontiguousarray(places[:, 0]),
        services=shared.services.values(),
        resource_ids=np.ascontiguousarray(places[:, 1]),
        resources=shared.resources.values(),
        scope_ids=np.ascontiguousarray(places[:, 2]),
        scopes=shared.scopes.values(),
        spans=raw,
    )


def _ids(ids: list[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(ids), dtype=">u8").astype(np.uint64)


def _enum(numbers: NDArray[np.int64], highest: int) -> NDArray[np.uint8]:
    """Enum numbers; one that OTLP does not know counts as unspecified."""
    return np.where((numbers < 0) | (numbers > highest), 0, numbers).astype(np.uint8)
