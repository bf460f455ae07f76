"""Trace ids in what programs log: metadata, labels, fields of JSON and logfmt, headers, plain text.

Where programs write an id differs more than what it looks like: any name that ends in `traceid`
once case and punctuation are gone is one (`trace_id`, `traceId`, `otelTraceID`, `trace.id`, and
`{"trace":{"id":…}}`). Ids are 16 or 32 hexadecimal digits; under such a name zeros on the left may
be missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PUNCTUATION = re.compile(r"[^a-z0-9]")
_ID = re.compile(r"(?:0x)?([0-9a-fA-F]{8,32})")
#: Longer lines are looked at only so far.
_MAX_LINE = 64 << 10
_MAX_DEPTH = 5
_MAX_FOUND = 20
_HEADERS = (
    # W3C trace context; Jaeger; B3 in one header; AWS X-Ray
    ("traceparent", re.compile(r"\b[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\b")),
    ("uber-trace-id", re.compile(r"\b([0-9a-f]{8,32}):([0-9a-f]{1,16}):[0-9a-f]{1,16}:[0-9a-f]\b")),
    ("b3", re.compile(r"\b([0-9a-f]{32}|[0-9a-f]{16})-([0-9a-f]{16})-[01d]\b")),
    ("x-amzn-trace-id", re.compile(r"\bRoot=1-([0-9a-f]{8}-[0-9a-f]{24})\b()")),
)
_NAMED = re.compile(
    r"trace[ _.\-]?id[\"'\]]?\s{0,3}[:=]?\s{0,3}[\"'\[]?((?:0x)?[0-9a-f]{16,32})\b", re.IGNORECASE
)
_BARE = re.compile(r"(?<![0-9a-zA-Z\-])([0-9a-fA-F]{32})(?![0-9a-zA-Z\-])")


@dataclass(frozen=True, slots=True)
class TraceReference:
    """A trace that something refers to.

    Attributes:
        span_id: 8 bytes; empty when only the trace is told.
        via: Where it stands: `metadata`, `label`, `field`, `header` or `text`.
        name: Of the field or header; empty in plain text.
    """

    trace_id: bytes
    span_id: bytes
    via: str
    name: str


def is_trace_name(name: str) -> bool:
    """Whether a field of this name holds a trace id."""
    return _plain(name).endswith("traceid")


def find_references(
    *,
    labels: Mapping[str, str] | None = None,
    line: str = "",
    metadata: Mapping[str, str] | None = None,
) -> list[TraceReference]:
    """Traces that a log entry (or an exemplar) refers to, the surest first, each once.

    Args:
        labels: Of its stream; of an exemplar its own.
    """
    found: dict[bytes, TraceReference] = {}
    for reference in _all(labels or {}, line[:_MAX_LINE], metadata or {}):
        known = found.get(reference.trace_id)
        if known is None or (reference.span_id and not known.span_id):
            found[reference.trace_id] = reference
        if len(found) >= _MAX_FOUND:
            break
    return list(found.values())


def _all(
    labels: Mapping[str, str], line: str, metadata: Mapping[str, str]
) -> Iterator[TraceReference]:
    yield from _named(metadata.items(), "metadata")
    yield from _named(labels.items(), "label")
    yield from _named(_fields(line), "field")
    for name, pattern in _HEADERS:
        for match in pattern.finditer(line):
            trace_id = read_id(match[1].replace("-", ""))
            if trace_id is not None:
                yield TraceReference(trace_id, _span_id(match[2]), "header", name)
    for pattern in (_NAMED, _BARE):
        for match in pattern.finditer(line):
            trace_id = read_id(match[1])
            if trace_id is not None:
                yield TraceReference(trace_id, b"", "text", "")


def _named(pairs: Iterable[tuple[str, str]], via: str) -> Iterator[TraceReference]:
    """References of fields by their names; a span's id beside them is that of the span."""
    fields = list(pairs)
    spans = (_span_id(value) for name, value in fields if _plain(name).endswith("spanid"))
    span_id = next((one for one in spans if one), b"")
    for name, value in fields:
        if is_trace_name(name):
            trace_id = read_id(value)
            if trace_id is not None:
                yield TraceReference(trace_id, span_id, via, name)


def read_id(text: str) -> bytes | None:
    """16 bytes of a trace id as programs write it; None when it is none, or all zeros."""
    match = _ID.fullmatch(text.strip())
    if match is None:
        return None
    found = bytes.fromhex(match[1].rjust(32, "0"))
    return found if any(found) else None


def _span_id(text: str) -> bytes:
    match = _ID.fullmatch(text.strip())
    digits = match[1] if match is not None and len(match[1]) <= 16 else ""
    return bytes.fromhex(digits.rjust(16, "0")) if digits else b""


def _plain(name: str) -> str:
    return _PUNCTUATION.sub("", name.lower())


def _fields(line: str) -> Iterator[tuple[str, str]]:
    """Fields of a line: of a JSON object with its paths, else `name=value` pairs."""
    if line.lstrip().startswith("{"):
        try:
            document = orjson.loads(line)
        except orjson.JSONDecodeError:
            return
        yield from _paths(document, "", 0)
        return
    for match in _PAIR.finditer(line):
        yield match[1], match[2].strip('"')


_PAIR = re.compile(r'([A-Za-z_][\w.\-]{0,63})=("[^"]{0,128}"|[^\s",;]{1,128})')


def _paths(value: object, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        for name, item in value.items():
            yield from _paths(item, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, str):
        yield path, value
