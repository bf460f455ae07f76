"""A trace written as a file and read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from appliance.model.trace import StoredSpan
from appliance.wire.otlp.by_trace import spans_by_trace
from appliance.wire.otlp.print_json import print_traces
from appliance.wire.span_json import group_spans
from appliance.wire.trace_files.read import read_trace_file
from appliance.wire.trace_files.write import FORMATS, write_trace_file
from tests.spans import PlainEvent, PlainLink, PlainSpan

US = 1000
START = 1_700_000_000_000_000_000
#: What all formats can tell: texts, whole microseconds.
PLAIN = [
    PlainSpan(
        0x1234_0000_0000_0000_0000_0000_0000_0001,
        1,
        "GET /größe",
        "web",
        start_ns=START,
        duration_ns=5000 * US,
        attributes={"a.b": "x|y", "zone": "eu"},
        resource={"host.name": "h1"},
        scope_version="1.2",
    ),
    PlainSpan(
        0x1234_0000_0000_0000_0000_0000_0000_0001,
        2,
        "SELECT",
        "db",
        parent=1,
        start_ns=START + 7 * US,
        duration_ns=US,
        kind=3,
        status=2,
        status_message="no such table",
        events=[PlainEvent("exception", START + 9 * US, {"exception.type": "Oops"})],
        links=[PlainLink(0x99, 0x77)],
        scope_version="1.2",
    ),
    PlainSpan(
        0x1234_0000_0000_0000_0000_0000_0000_0001,
        3,
        "work",
        "db",
        parent=2,
        start_ns=START + 8 * US,
        duration_ns=0,
        kind=1,
        status=1,
        events=[PlainEvent("only a name", START + 8 * US)],
    ),
]
TYPED = [replace(PLAIN[0], attributes={"i": 2**60, "f": 0.5, "b": True, "s": "", "y": b"\x00\xff"})]
NESTED = [replace(PLAIN[0], attributes={"l": [1, "a"], "m": {"k": 1.5}}, start_ns=START + 1)]


def stored(spans: list[PlainSpan]) -> list[StoredSpan]:
    return [span.stored() for span in spans]


def canonical(spans: list[StoredSpan]) -> list[Any]:
    """Spans whatever their order, and that of their attributes."""

    def ordered(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: ordered(item) for key, item in value.items()}
            return {key: item for key, item in kept.items() if (key, item) != ("status", {})}
        if isinstance(value, list):
            return sorted((ordered(item) for item in value), key=orjson.dumps)
        return value

    return sorted((ordered(print_traces(group_spans([span]))) for span in spans), key=orjson.dumps)


def there_and_back(spans: list[PlainSpan], form: str) -> list[StoredSpan]:
    body = write_trace_file(stored(spans), form)
    found = read_trace_file(body, now_ns=0)
    assert found.form == form
    [(_, again)] = spans_by_trace(found.request).items()
    return again


@pytest.mark.parametrize("form", FORMATS)
def test_what_all_formats_can_tell(form: str) -> None:
    assert canonical(there_and_back(PLAIN, form)) == canonical(stored(PLAIN))


@pytest.mark.parametrize("form", ["jaeger", "otlp", "tempo"])
def test_types_of_values(form: str) -> None:
    assert canonical(there_and_back(TYPED, form)) == canonical(stored(TYPED))


@pytest.mark.parametrize("form", ["otlp", "tempo"])
def test_nested_values_and_nanoseconds(form: str) -> None:
    assert canonical(there_and_back(NESTED, form)) == canonical(stored(NESTED))


def test_an_unknown_format() -> None:
    with pytest.raises(Exception, match="unknown format 'xml'; there are jaeger, otlp"):
        write_trace_file(stored(PLAIN), "xml")
