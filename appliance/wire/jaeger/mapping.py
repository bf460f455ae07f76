"""What of a span is called what in Jaeger: tags, logs, references and processes.

The mapping is that of Jaeger 2 and of OpenTelemetry's "Jaeger" compatibility page: span kind,
status, scope and trace state become tags, events become logs, links become references, a resource
becomes a process. All functions take OTLP messages and give plain values, for JSON and protobuf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.wire.otlp.values import to_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.model.trace import AttributeValue

    Tag = tuple[str, AttributeValue]

#: Names of span kinds by OTLP's numbers; unspecified has none.
SPAN_KINDS = ("", "internal", "server", "client", "producer", "consumer")
#: Where `adjust.py` and Jaeger itself put warnings: an attribute with a list of texts.
WARNINGS_KEY = "@jaeger@warnings"
REF_TYPE_KEY = "opentracing.ref_type"
CHILD_OF, FOLLOWS_FROM = "CHILD_OF", "FOLLOWS_FROM"

_STATUS_CODES = ("", "OK", "ERROR")
_ERROR = 2


def process_of(resource: Any) -> tuple[str, list[Tag]]:
    """The service's name, empty when there is none, and the process' tags."""
    service = ""
    tags: list[Tag] = []
    for attribute in resource.attributes:
        if attribute.key == "service.name":
            service = attribute.value.string_value
        else:
            tags.append((attribute.key, to_value(attribute.value)))
    return service, tags


def tags_of(span: Any, scope: Any) -> list[Tag]:
    """The tags of a span: its attributes, its scope, and what OTLP has as fields."""
    return [
        *(pair for pair in _pairs(span.attributes) if pair[0] != WARNINGS_KEY),
        *_scope_tags(scope),
        *_field_tags(span),
    ]


def warnings_of(span: Any) -> list[str]:
    """Warnings that were added to a span."""
    for attribute in span.attributes:
        if attribute.key == WARNINGS_KEY:
            return [item.string_value for item in attribute.value.array_value.values]
    return []


def add_warning(span: Any, warning: str) -> None:
    """Add a warning to a span."""
    for item in span.attributes:
        if item.key == WARNINGS_KEY:
            break
    else:
        item = span.attributes.add(key=WARNINGS_KEY)
    item.value.array_value.values.add(string_value=warning)


def logs_of(span: Any) -> list[tuple[int, list[Tag]]]:
    """Time in nanoseconds and fields of each event; its name is the field `event`."""
    found = []
    for event in span.events:
        fields = _pairs(event.attributes)
        if event.name and all(key != "event" for key, _ in fields):
            fields.insert(0, ("event", event.name))
        found.append((event.time_unix_nano, fields))
    return found


def references_of(span: Any) -> list[tuple[str, bytes, bytes]]:
    """Type, trace id and span id of the parent and of what the links lead to."""
    found = []
    if any(span.parent_span_id):
        found.append((CHILD_OF, span.trace_id, span.parent_span_id))
    for link in span.links:
        kinds = [item.value.string_value for item in link.attributes if item.key == REF_TYPE_KEY]
        kind = CHILD_OF if kinds == ["child_of"] else FOLLOWS_FROM
        found.append((kind, link.trace_id, link.span_id))
    return found


def _pairs(attributes: Any) -> list[Tag]:
    return [(item.key, to_value(item.value)) for item in attributes]


def _scope_tags(scope: Any) -> Iterator[Tag]:
    if scope.name:
        yield "otel.scope.name", scope.name
    if scope.version:
        yield "otel.scope.version", scope.version


def _field_tags(span: Any) -> Iterator[Tag]:
    if 0 < span.kind < len(SPAN_KINDS):
        yield "span.kind", SPAN_KINDS[span.kind]
    code = span.status.code
    if 0 < code < len(_STATUS_CODES):
        yield "otel.status_code", _STATUS_CODES[code]
    if code == _ERROR:
        yield "error", True
    if span.status.message:
        yield "otel.status_description", span.status.message
    if span.trace_state:
        yield "w3c.tracestate", span.trace_state
