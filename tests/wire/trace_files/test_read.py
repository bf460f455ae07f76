"""Files as other programs write them."""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.wire.otlp.by_trace import spans_by_trace
from appliance.wire.trace_files.read import read_trace_file

TRACE, SPAN = "0" * 31 + "a", "0" * 15 + "b"
OTLP_SPAN = {"traceId": TRACE, "spanId": SPAN, "name": "n", "startTimeUnixNano": "5"}
JAEGER = {
    "traceID": "a",
    "spans": [{"traceID": "a", "spanID": "b", "operationName": "n", "startTime": 5, "duration": 1}],
    "processes": {},
}
ZIPKIN = {"traceId": TRACE, "id": SPAN, "name": "n", "timestamp": 5}


def groups(span: dict[str, Any], inner: str = "scopeSpans") -> list[Any]:
    return [{"resource": {}, inner: [{"spans": [span]}]}]


def base64_ids(span: dict[str, Any]) -> dict[str, Any]:
    ids = {
        key: base64.b64encode(bytes.fromhex(span[key])).decode() for key in ("traceId", "spanId")
    }
    return span | ids


@pytest.mark.parametrize(
    ("document", "form"),
    [
        ({"resourceSpans": groups(OTLP_SPAN)}, "otlp"),
        ({"resourceSpans": groups(base64_ids(OTLP_SPAN))}, "otlp"),
        ({"result": {"resourceSpans": groups(OTLP_SPAN)}}, "otlp"),
        ([{"resourceSpans": groups(OTLP_SPAN)}], "otlp"),
        ({"batches": groups(base64_ids(OTLP_SPAN) | {"kind": "SPAN_KIND_SERVER"})}, "tempo"),
        ({"batches": groups(OTLP_SPAN, "instrumentationLibrarySpans")}, "tempo"),
        ({"trace": {"resourceSpans": groups(base64_ids(OTLP_SPAN))}, "metrics": {}}, "tempo"),
        ({"data": [JAEGER], "errors": None}, "jaeger"),
        (JAEGER, "jaeger"),
        ([JAEGER], "jaeger"),
        ([ZIPKIN], "zipkin"),
        ([[ZIPKIN]], "zipkin"),
    ],
)
def test_the_format_is_found_out(document: object, form: str) -> None:
    found = read_trace_file(orjson.dumps(document), now_ns=0)
    assert found.form == form
    assert [trace_id.hex() for trace_id in spans_by_trace(found.request)] == [TRACE]


def test_requests_line_by_line() -> None:
    rows = [
        orjson.dumps({"resourceSpans": groups(OTLP_SPAN | {"traceId": f"{number:032x}"})})
        for number in (1, 2)
    ]
    found = read_trace_file(b"\n".join([*rows, b""]), now_ns=0)
    assert len(spans_by_trace(found.request)) == 2


def test_attributes_called_like_ids_stay() -> None:
    attribute = {"key": "traceId", "value": {"stringValue": "AAAAAAAAAAAAAAAAAAAAAA=="}}
    span = OTLP_SPAN | {"attributes": [attribute]}
    found = read_trace_file(orjson.dumps({"resourceSpans": groups(span)}), now_ns=0)
    assert b"AAAAAAAAAAAAAAAAAAAAAA==" in found.request


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"<xml/>", "not JSON"),
        (b'{"resourceSpans":[]}\n{', "line 2 is not JSON"),
        (b"7", "no trace file"),
        (b"{}", "no trace file"),
        (b"[1]", "no trace file"),
        (b'[{"a":1}]', "no trace file"),
        (b'{"resourceSpans":7}', "resourceSpans: expected an array"),
        (b'{"data":[{"spans":7}]}', r"data\[0\].spans: expected an array"),
        (b'{"data":[{"spans":[{"traceID":"xyz","spanID":"1"}]}]}', r"data\[0\].spans\[0\]"),
        (b'{"data":[{"spans":[{"traceID":"1"}]}]}', "expected an id of up to 16"),
        (
            b'{"data":[{"spans":[{"traceID":"1","spanID":"1","tags":[{"key":"a","type":"int64"}]}]}]}',
            r"tags\[0\]: not a tag",
        ),
    ],
)
def test_refusals(body: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_trace_file(body, now_ns=0)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["data", "spans", "traceID", "spanID", "tags", "logs", "references", "key", "value",
             "type", "resourceSpans", "batches", "trace", "traceId", "processes", "fields"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@given(
    st.one_of(
        st.binary(max_size=60),
        _JSON.map(
            lambda value: (
                orjson.dumps(value, default=str, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
                if not _too_large(value)
                else b"{}"
            )
        ),
    )
)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(BadInput):
        read_trace_file(body, now_ns=0)


def _too_large(value: object) -> bool:
    """Whether there is an integer that JSON cannot have here."""
    if isinstance(value, dict):
        return any(map(_too_large, value.values()))
    if isinstance(value, list):
        return any(map(_too_large, value))
    return isinstance(value, int) and abs(value) >= 2**63


@pytest.mark.parametrize("depth", [80, 200, 300, 900, 1500, 100_000])
@pytest.mark.parametrize(
    "around",
    [
        b'{"resourceSpans":[{"resource":%b}]}',
        b'{"resourceSpans":%b}',
        b'{"resourceSpans":[{"resource":{"attributes":%b}}]}',
        b'{"batches":[{"resource":{"attributes":[{"key":"a","value":%b}]}}]}',
        b'[{"traceId":"1","id":"1","tags":%b}]',
        b'{"data":[{"spans":[{"traceID":"1","spanID":"1","tags":[{"key":"a","value":%b}]}]}]}',
    ],
)
def test_what_is_nested_deeply_is_read_or_refused(around: bytes, depth: int) -> None:
    for left, right in ((b"[", b"]"), (b'{"a":', b"}"), (b'{"arrayValue":{"values":[', b"]}}")):
        with contextlib.suppress(BadInput):
            read_trace_file(around % (left * depth + b"1" + right * depth), now_ns=0)
