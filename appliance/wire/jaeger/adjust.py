"""What Jaeger's query service does to a trace before it answers (jaegerquery/internal/adjuster).

Each step changes the messages in place; what it has to say becomes a warning of the span. Steps and
their order are Jaeger's; duplicates of spans are gone before, in the store.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from appliance.wire.jaeger.clock_skew import correct_clock_skew
from appliance.wire.jaeger.mapping import add_warning
from appliance.wire.otlp.values import to_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SERVER, _CLIENT = 2, 3
_ID_BYTES = 8
_LIBRARY_KEYS = frozenset(
    [
        "telemetry.sdk.language",
        "telemetry.sdk.name",
        "telemetry.sdk.version",
        "telemetry.distro.name",
        "telemetry.distro.version",
    ]
)
_ADDRESS_KEYS = frozenset(["ip", "peer.ipv4"])


def adjust(groups: Sequence[Any], max_skew_ns: int = 0) -> None:
    """Adjust one trace.

    Args:
        groups: Its ResourceSpans messages.
        max_skew_ns: Times are moved by so much at most; 0: not at all.
    """
    _separate_shared_ids(groups)
    _sort(groups)
    correct_clock_skew(groups, max_skew_ns)
    for group in groups:
        for scoped in group.scope_spans:
            for span in scoped.spans:
                _print_addresses(span)
                _move_library_attributes(span, group.resource)
                _drop_empty_links(span)


def spans_of(groups: Sequence[Any]) -> Iterator[Any]:
    """All spans of some groups."""
    for group in groups:
        for scoped in group.scope_spans:
            yield from scoped.spans


def _separate_shared_ids(groups: Sequence[Any]) -> None:
    """Give a server span that shares its client's id one of its own, below the client's."""
    taken = {span.span_id for span in spans_of(groups)}
    clients = {span.span_id for span in spans_of(groups) if span.kind == _CLIENT}
    renamed: dict[bytes, bytes] = {}
    number = 0
    for span in spans_of(groups):
        if span.kind != _SERVER or span.span_id not in clients:
            continue
        number += 1
        while number.to_bytes(_ID_BYTES) in taken:
            number += 1
        renamed[span.span_id] = number.to_bytes(_ID_BYTES)
        span.parent_span_id = span.span_id
        span.span_id = renamed[span.parent_span_id]
    if renamed:
        for span in spans_of(groups):
            server = renamed.get(span.parent_span_id)
            if server is not None and server != span.span_id:
                span.parent_span_id = server


def _sort(groups: Sequence[Any]) -> None:
    """Attributes by key, events by time."""
    for group in groups:
        _sort_attributes(group.resource.attributes)
        for scoped in group.scope_spans:
            for span in scoped.spans:
                _sort_attributes(span.attributes)
                if len(span.events) > 1:
                    span.events.sort(key=lambda event: event.time_unix_nano)
                for item in (*span.events, *span.links):
                    _sort_attributes(item.attributes)


def _sort_attributes(attributes: Any) -> None:
    keys = [item.key for item in attributes]
    if any(one > other for one, other in itertools.pairwise(keys)):
        attributes.sort(key=lambda item: item.key)


def _print_addresses(span: Any) -> None:
    """IPv4 addresses that came as numbers, as old Jaeger clients sent them, become text."""
    for item in span.attributes:
        if item.key in _ADDRESS_KEYS:
            value = to_value(item.value)
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if math.isfinite(value):
                number = int(value) & 0xFFFFFFFF
                item.value.string_value = ".".join(map(str, number.to_bytes(4)))


def _move_library_attributes(span: Any, resource: Any) -> None:
    """What tells the library, and not the span, belongs to the process."""
    moved = [item for item in span.attributes if item.key in _LIBRARY_KEYS]
    for item in moved:
        known = [own for own in resource.attributes if own.key == item.key]
        text = item.value.string_value
        if known and (not text or known[0].value.string_value != text):
            add_warning(
                span, f"conflicting values between Span and Resource for attribute {item.key}"
            )
            continue
        if not known:
            resource.attributes.add().CopyFrom(item)
        span.attributes.remove(item)


def _drop_empty_links(span: Any) -> None:
    for link in [link for link in span.links if not any(link.trace_id)]:
        span.links.remove(link)
