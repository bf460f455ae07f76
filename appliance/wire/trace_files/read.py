"""A file of traces as an OTLP request, whatever of the known formats it has.

- Jaeger: `{"data":[…]}` as its page downloads it, one trace of it, or a list of them;
- OTLP/JSON: `{"resourceSpans":…}`, also under `result` (Jaeger's version 3) or one per line, as the
  collector's file exporter writes them;
- Tempo: `{"batches":…}` or `{"trace":{"resourceSpans":…}}`, ids in base64;
- Zipkin version 2: a list of spans, or of lists of spans.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base.errors import BadInput
from appliance.wire.jaeger import read_page_json
from appliance.wire.otlp.json import traces_from_json
from appliance.wire.zipkin.otlp import zipkin_to_otlp

if TYPE_CHECKING:
    from collections.abc import Iterator

_ID_BYTES = {"traceId": 16, "spanId": 8, "parentSpanId": 8}
_GROUPS = ("resourceSpans", "resource_spans", "batches")
#: Names that the first versions of OTLP had.
_OLDER = {"instrumentationLibrarySpans": "scopeSpans", "instrumentationLibrary": "scope"}
_EXPECTED = (
    "this is no trace file: expected the JSON of Jaeger (data, or traceID and spans), of OTLP"
    " (resourceSpans), of Tempo (batches or trace) or of Zipkin (a list of spans)"
)
#: Far deeper than any of the formats.
_MAX_DEPTH = 90
_TOO_DEEP = "the file is nested too deeply"


@dataclass(frozen=True, slots=True)
class TraceFile:
    """What was found.

    Attributes:
        form: `jaeger`, `otlp`, `tempo` or `zipkin`.
        request: An ExportTraceServiceRequest.
    """

    form: str
    request: bytes


def read_trace_file(body: bytes, *, now_ns: int) -> TraceFile:
    """Read a file.

    Args:
        now_ns: The time of Zipkin spans that have none.

    Raises:
        BadInput: It has none of the formats, or breaks the one it has; names the place.
    """
    document = _parse(body)
    if isinstance(document, dict):
        return _read_object(document)
    if not isinstance(document, list):
        raise BadInput(_EXPECTED)
    first = document[0] if document else {}
    if isinstance(first, dict) and "spans" in first:
        return TraceFile("jaeger", read_page_json.read_traces(document))
    if isinstance(first, dict) and _groups_key(_inner(first)) is not None:
        return _read_otlp([_inner(item) for item in document if isinstance(item, dict)], first)
    if all(isinstance(item, list) for item in document):
        document = [span for trace in document for span in trace]
    elif not isinstance(first, dict) or "traceId" not in first:
        raise BadInput(_EXPECTED)
    request = zipkin_to_otlp(_print(document), protocol="zipkin_v2_json", now_ns=now_ns)
    return TraceFile("zipkin", request)


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        rows = [row for row in body.splitlines() if row.strip()]
        if len(rows) < 2 or not rows[0].lstrip().startswith(b"{"):
            raise BadInput(f"the file is not JSON: {error}", position=error.pos) from error
    found = []
    for number, row in enumerate(rows, start=1):
        try:
            found.append(orjson.loads(row))
        except orjson.JSONDecodeError as error:
            raise BadInput(f"line {number} is not JSON: {error}") from error
    return found


def _read_object(document: dict[str, Any]) -> TraceFile:
    inner = _inner(document)
    if _groups_key(inner) is not None:
        return _read_otlp([inner], document)
    if "data" in document or "spans" in document:
        return TraceFile("jaeger", read_page_json.read_traces(document))
    raise BadInput(_EXPECTED)


def _inner(document: dict[str, Any]) -> dict[str, Any]:
    """What an answer of an API wraps."""
    for name in ("trace", "result"):
        if isinstance(document.get(name), dict):
            inner: dict[str, Any] = document[name]
            return inner
    return document


def _groups_key(document: dict[str, Any]) -> str | None:
    return next((name for name in _GROUPS if name in document), None)


def _read_otlp(documents: list[dict[str, Any]], outer: dict[str, Any]) -> TraceFile:
    groups: list[Any] = []
    for document in documents:
        found = document.get(_groups_key(document) or "")
        if not isinstance(found, list):
            raise BadInput("resourceSpans: expected an array")
        groups += found
    is_tempo = "batches" in outer or "trace" in outer
    request = traces_from_json(_print({"resourceSpans": _mend(groups)}))
    return TraceFile("tempo" if is_tempo else "otlp", request)


def _print(document: object) -> bytes:
    try:
        return orjson.dumps(document)
    except TypeError as error:  # orjson writes less deep than it reads
        raise BadInput(_TOO_DEEP) from error


def _mend(value: Any, depth: int = 0) -> Any:
    """Ids in hexadecimal and today's names, whatever a writer had."""
    if depth > _MAX_DEPTH:
        raise BadInput(_TOO_DEEP)
    if isinstance(value, list):
        return [_mend(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    return dict(_mended(value, depth))


def _mended(document: dict[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        size = _ID_BYTES.get(key)
        if size is not None and isinstance(value, str):
            yield key, _hex(value, size)
        elif key == "attributes":
            yield key, value  # whatever is called traceId in there is none
        else:
            yield _OLDER.get(key, key), _mend(value, depth + 1)


def _hex(text: str, size: int) -> str:
    if len(text) == 2 * size:
        return text
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text  # refused with its place by who reads it
    return found.hex() if len(found) == size else text
