"""Jaeger's spans as OTLP: what the OpenTelemetry collector makes of them.

Differs from it: a scope is found in tags of spans over Thrift too, and under its older name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.wire.span_request import ERROR, KINDS, OK, UNSET, Event, Link, PlainSpan, take_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.model.trace import AttributeValue

_STATUSES = {"OK": OK, "ERROR": ERROR}
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Reference:
    """A SpanRef: CHILD_OF, or FOLLOWS_FROM."""

    is_child_of: bool
    trace_id: bytes
    span_id: bytes


@dataclass(slots=True)
class JaegerSpan:
    """A span of either encoding; ids are 16 and 8 bytes, times nanoseconds.

    Attributes:
        parent_id: None as a rule: references say who the parent is.
        logs: Time and fields.
    """

    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    name: str
    start_ns: int
    end_ns: int
    flags: int = 0
    tags: dict[str, AttributeValue] = field(default_factory=dict)
    logs: list[tuple[int, dict[str, AttributeValue]]] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)


def resource_of(service: str, tags: dict[str, AttributeValue]) -> dict[str, AttributeValue]:
    """The resource's attributes of a Process."""
    found: dict[str, AttributeValue] = {"service.name": service} if service else {}
    found.update(tags)
    if "hostname" in found and "host.name" not in found:
        found["host.name"] = found.pop("hostname")
    if "jaeger.version" in found and "opencensus.exporterversion" not in found:
        found["opencensus.exporterversion"] = "Jaeger-" + str(found.pop("jaeger.version"))
    return found


def to_plain(span: JaegerSpan, resource: Mapping[str, AttributeValue]) -> PlainSpan:
    """A span as OTLP has it."""
    tags = span.tags
    parent = span.parent_id or _parent(span)
    kind = KINDS.get(str(tags.pop("span.kind", "")), 0)
    return PlainSpan(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_id=parent,
        name=span.name,
        kind=kind,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        status=_status(tags, kind),
        scope=take_scope(tags),
        trace_state=str(tags.pop("w3c.tracestate", "")),
        attributes=tags,
        resource=resource,
        flags=span.flags & _SAMPLED,
        events=[Event(at, str(fields.pop("event", "")), fields) for at, fields in span.logs],
        links=_links(span.references, parent),
    )


def _parent(span: JaegerSpan) -> bytes:
    """Whom the references of the same trace name: CHILD_OF goes before FOLLOWS_FROM."""
    own = [ref for ref in span.references if ref.trace_id == span.trace_id]
    chosen = next((ref for ref in own if ref.is_child_of), own[0] if own else None)
    return chosen.span_id if chosen is not None and any(chosen.span_id) else b""


def _links(references: list[Reference], parent: bytes) -> list[Link]:
    return [
        Link(
            ref.trace_id,
            ref.span_id,
            {"opentracing.ref_type": "child_of" if ref.is_child_of else "follows_from"},
        )
        for ref in references
        if not (ref.is_child_of and ref.span_id == parent)
    ]


def _status(tags: dict[str, AttributeValue], kind: int) -> tuple[int, str]:
    """Status of the tags: `error` first, then `otel.status_code`, then the HTTP status."""
    told = tags.pop("otel.status_code", None)
    if tags.get("error") is True:
        del tags["error"]
        message = tags.pop("otel.status_description", None)
        return ERROR, str(tags.get("http.status_message", "") if message is None else message)
    if told is not None:
        message = tags.pop("otel.status_description", "")
        return _STATUSES.get(str(told).upper(), UNSET), str(message)
    http = _http_status(tags.get("http.status_code"))
    if http is None or 100 <= http < 400 or (400 <= http < 500 and kind == KINDS["server"]):
        return UNSET, ""
    return ERROR, str(tags.get("http.status_message", ""))


def _http_status(value: AttributeValue) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if type(value) is int else None
