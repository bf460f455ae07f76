"""One trace as plain records, for what looks at single traces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.model.trace import StoredSpan

_SERVER, _CLIENT = 2, 3
_STATUS_ERROR = 2


@dataclass(frozen=True, slots=True)
class TraceSpan:
    """A span of a trace.

    Attributes:
        parent_id: Empty where there is none.
        kind: OTLP's number.
        end_ns: Not before `start_ns`.
    """

    span_id: bytes
    parent_id: bytes
    service: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    is_error: bool = False

    @property
    def duration_ns(self) -> int:
        """From start to end."""
        return self.end_ns - self.start_ns


def read_trace(spans: Iterable[StoredSpan]) -> list[TraceSpan]:
    """Stored spans of one trace as records, ascending by start."""
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource  # noqa: PLC0415 - lazy
    from opentelemetry.proto.trace.v1.trace_pb2 import Span  # noqa: PLC0415 - lazy

    services: dict[bytes, str] = {}
    found = []
    for stored in spans:
        service = services.get(stored.resource)
        if service is None:
            service = services[stored.resource] = service_of(Resource.FromString(stored.resource))
        found.append(read_span(Span.FromString(stored.span), service))
    return sorted(found, key=by_time)


def read_span(span: Any, service: str) -> TraceSpan:
    """OTLP's message as a record."""
    start = span.start_time_unix_nano
    return TraceSpan(
        span.span_id,
        span.parent_span_id,
        service,
        span.name,
        span.kind,
        start,
        max(start, span.end_time_unix_nano),
        span.status.code == _STATUS_ERROR,
    )


def by_time(span: TraceSpan) -> tuple[int, int]:
    """Sorts spans by start, of those that start together the longest first."""
    return span.start_ns, -span.end_ns


def service_of(resource: Any) -> str:
    """The name of the service that OTLP's message describes; empty when it has none."""
    names = (one.value.string_value for one in resource.attributes if one.key == "service.name")
    return next(names, "")


def parents_of(spans: Sequence[TraceSpan]) -> list[int]:
    """The place of each span's parent, -1 where there is none or it is not here.

    Never leads in a circle. Ids that a client and its server share: see `parents.py`.
    """
    places: dict[bytes, int] = {}
    clients: dict[bytes, int] = {}
    for place, span in enumerate(spans):
        if span.kind == _CLIENT:
            clients.setdefault(span.span_id, place)
        if span.kind == _SERVER or span.span_id not in places:
            places[span.span_id] = place
    found = []
    for place, span in enumerate(spans):
        parent = places.get(span.parent_id, -1) if span.parent_id else -1
        if span.kind == _SERVER and span.span_id in clients:
            parent = clients[span.span_id]
        found.append(-1 if parent == place else parent)
    return _without_circles(found)


def _without_circles(parents: list[int]) -> list[int]:
    """Cut parents that lead back to their child: such a span becomes a root."""
    is_settled = [False] * len(parents)
    for place in range(len(parents)):
        way: dict[int, None] = {}
        at = place
        while at >= 0 and not is_settled[at] and at not in way:
            way[at] = None
            at = parents[at]
        if at in way:
            parents[at] = -1
        for one in way:
            is_settled[one] = True
    return parents


def children_of(parents: Sequence[int]) -> list[list[int]]:
    """The children of each span, in the order of the spans."""
    found: list[list[int]] = [[] for _ in parents]
    for place, parent in enumerate(parents):
        if parent >= 0:
            found[parent].append(place)
    return found
