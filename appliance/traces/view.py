"""A trace as columns, for whoever draws it: a few numbers per span, texts once each.

Invariants: spans ascend by start (the longest first of those that start together); a parent is the
place of a span in the same columns; no chain of parents leads in a circle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from appliance.traces.trace import by_time, parents_of, read_span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.model.sources import Guard
    from appliance.model.trace import StoredSpan
    from appliance.traces.trace import TraceSpan

#: Guards are asked after so many spans.
_STRETCH = 2000
#: Attributes that say in a word what a span did, the surest first.
_SAYING = (
    "http.response.status_code",
    "http.status_code",
    "rpc.grpc.status_code",
    "db.system",
    "db.system.name",
    "messaging.system",
)
#: What says something is seldom there, and reading attributes is what takes the time.
_SAYS = re.compile(b"|".join(re.escape(key.encode()) for key in _SAYING))


@dataclass(slots=True)
class Texts:
    """Texts by number."""

    values: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        """The number of a text, a new one at its first sight."""
        found = self._numbers.setdefault(text, len(self.values))
        if found == len(self.values):
            self.values.append(text)
        return found


@dataclass(frozen=True, slots=True)
class Extra:
    """What a span has besides its fixed fields.

    Attributes:
        events_ns: Times of its events.
        links: How many.
        saying: A short text: a status code, the database system.
        message: Of the status.
        version: `service.version` of its resource.
    """

    events_ns: tuple[int, ...] = ()
    links: int = 0
    saying: str = ""
    message: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class TraceView:
    """A whole trace, or its first part.

    Attributes:
        parents: Place of each span's parent, -1 where there is none here.
        orphans: Places of spans that name a parent which is not here.
        total: How many spans there are; more than are shown when the trace is cut.
    """

    spans: Sequence[TraceSpan]
    extras: Sequence[Extra]
    parents: Sequence[int]
    orphans: Sequence[int]
    total: int

    @property
    def start_ns(self) -> int:
        """The earliest start."""
        return self.spans[0].start_ns

    @property
    def end_ns(self) -> int:
        """The latest end."""
        return max(span.end_ns for span in self.spans)

    @property
    def root(self) -> int:
        """The place of the span that the trace is named after: the first without a parent."""
        roots = [place for place, parent in enumerate(self.parents) if parent < 0]
        named = [place for place in roots if not self.spans[place].parent_id]
        return (named or roots)[0]


def view_trace(stored: Sequence[StoredSpan], guard: Guard, *, most: int) -> TraceView:
    """Read stored spans of one trace.

    Args:
        stored: At least one, ascending by start.
        most: So many are shown, the earliest; the others are only counted.

    Raises:
        TimedOut: As the guard says.
    """
    read = sorted(_read(stored[:most], guard), key=lambda pair: by_time(pair[0]))
    spans = [span for span, _ in read]
    parents = parents_of(spans)
    orphans = [
        place
        for place, (span, parent) in enumerate(zip(spans, parents, strict=True))
        if span.parent_id and parent < 0
    ]
    return TraceView(spans, [extra for _, extra in read], parents, orphans, len(stored))


def _read(stored: Sequence[StoredSpan], guard: Guard) -> Iterable[tuple[TraceSpan, Extra]]:
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource  # noqa: PLC0415 - lazy
    from opentelemetry.proto.trace.v1.trace_pb2 import Span  # noqa: PLC0415 - lazy

    resources: dict[bytes, tuple[str, Extra]] = {}
    for number, one in enumerate(stored):
        if number % _STRETCH == 0:
            guard.check()
        known = resources.get(one.resource)
        if known is None:
            known = resources[one.resource] = _named(Resource.FromString(one.resource))
        message = Span.FromString(one.span)
        saying = _saying(message) if _SAYS.search(one.span) else ""
        yield read_span(message, known[0]), _extra(message, saying, known)


def _named(resource: Any) -> tuple[str, Extra]:
    """Name of the service, and what a span of it has that has nothing else."""
    found = {pair.key: pair.value.string_value for pair in resource.attributes}
    return found.get("service.name", ""), Extra(version=found.get("service.version", ""))


def _extra(message: Any, saying: str, known: tuple[str, Extra]) -> Extra:
    text = message.status.message
    if not (saying or text or message.events or message.links):
        return known[1]
    events = tuple(event.time_unix_nano for event in message.events)
    return Extra(events, len(message.links), saying, text, known[1].version)


def _saying(message: Any) -> str:
    found = {pair.key: pair.value for pair in message.attributes if pair.key in _SAYING}
    for key in _SAYING:
        value = found.get(key)
        if value is not None:
            return value.string_value or str(value.int_value)
    return ""


def columns_of(view: TraceView) -> dict[str, object]:
    """The view as one array per field; times count from the trace's start, in nanoseconds."""
    texts, start = Texts(), view.start_ns
    services = [texts.number(span.service) for span in view.spans]
    names = [texts.number(span.name) for span in view.spans]
    told = {
        str(place): _told(extra, start)
        for place, extra in enumerate(view.extras)
        if extra.events_ns or extra.links or extra.saying or extra.message
    }
    pairs = {
        (span.service, extra.version) for span, extra in zip(view.spans, view.extras, strict=True)
    }
    versions: dict[str, list[str]] = {}
    for service, version in sorted(pairs):
        if version:
            versions.setdefault(service, []).append(version)
    return {
        "texts": texts.values,
        "ids": [span.span_id.hex() for span in view.spans],
        "parents": list(view.parents),
        "services": services,
        "names": names,
        "kinds": [span.kind for span in view.spans],
        "starts": [span.start_ns - start for span in view.spans],
        "durations": [span.duration_ns for span in view.spans],
        "errors": [place for place, span in enumerate(view.spans) if span.is_error],
        "orphans": list(view.orphans),
        "extras": told,
        "versions": versions,
    }


def _told(extra: Extra, start_ns: int) -> dict[str, object]:
    found = {
        "events": [at - start_ns for at in extra.events_ns],
        "links": extra.links,
        "saying": extra.saying,
        "message": extra.message,
    }
    return {name: value for name, value in found.items() if value}
