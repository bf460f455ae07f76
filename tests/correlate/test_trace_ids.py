"""Trace ids in what programs log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.correlate.trace_ids import find_references, is_trace_name, read_id

ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
SHORT = "a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("line", "trace_id", "span_id", "via", "name"),
    [
        (f'{{"trace_id":"{ID}","span_id":"{SPAN}"}}', ID, SPAN, "field", "trace_id"),
        (f'{{"ctx":{{"traceId":"{ID}"}}}}', ID, "", "field", "ctx.traceId"),
        (f'{{"trace":{{"id":"{ID}"}},"span":{{"id":"{SPAN}"}}}}', ID, SPAN, "field", "trace.id"),
        (f'{{"otelTraceID":"{ID}"}}', ID, "", "field", "otelTraceID"),
        (f'level=info traceID={ID} spanID={SPAN} msg="x y"', ID, SPAN, "field", "traceID"),
        (f'trace_id="{SHORT}"', SHORT, "", "field", "trace_id"),
        (f"got traceparent 00-{ID}-{SPAN}-01", ID, SPAN, "header", "traceparent"),
        (f"uber-trace-id: {SHORT}:{SPAN}:0:1", SHORT, SPAN, "header", "uber-trace-id"),
        (f"b3: {ID}-{SPAN}-1", ID, SPAN, "header", "b3"),
        (f"Root=1-{ID[:8]}-{ID[8:]};Sampled=1", ID, "", "header", "x-amzn-trace-id"),
        (f"[trace id: {ID}] failed", ID, "", "text", ""),
        (f"Trace-ID {SHORT} failed", SHORT, "", "text", ""),
        (f"request {ID.upper()} failed", ID, "", "text", ""),
        (f'{{"msg":"call of {ID}"}}', ID, "", "text", ""),
    ],
)
def test_in_lines(line: str, trace_id: str, span_id: str, via: str, name: str) -> None:
    [found] = find_references(line=line)
    assert found.trace_id.hex() == trace_id.rjust(32, "0")
    assert (found.span_id.hex(), found.via, found.name) == (span_id, via, name)


@pytest.mark.parametrize(
    "line",
    [
        "nothing here",
        f"{ID}0",
        f"x{ID}",
        "0" * 32,
        '{"trace_id":"none"}',
        '{"trace_id":7}',
        "id=550e8400-e29b-41d4-a716-446655440000",
        f"hash {SHORT}",
        "{broken",
        "",
    ],
)
def test_no_id(line: str) -> None:
    assert find_references(line=line) == []


def test_metadata_go_before_labels_and_lines() -> None:
    other = "1" * 32
    found = find_references(
        labels={"traceid": other, "app": "x"},
        line=f"trace_id={ID}",
        metadata={"trace_id": ID, "span_id": SPAN},
    )
    assert [(one.trace_id.hex(), one.via, one.span_id.hex()) for one in found] == [
        (ID, "metadata", SPAN),
        (other, "label", ""),
    ]


def test_names_and_ids() -> None:
    assert all(map(is_trace_name, ("trace_id", "TraceId", "dd.trace_id", "trace.id", "traceID")))
    assert not any(map(is_trace_name, ("trace", "id", "traceid_x", "span_id")))
    assert read_id("0x" + ID) == bytes.fromhex(ID)
    assert read_id(" abcdef12 ") == bytes.fromhex("abcdef12".rjust(32, "0"))
    assert read_id("abc") is read_id("xyz") is read_id("0" * 16) is None


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_any_text(line: str, fields: dict[str, str]) -> None:
    for found in find_references(line=line, labels=fields, metadata=fields):
        assert len(found.trace_id) == 16
        assert len(found.span_id) in {0, 8}


def test_a_very_long_line() -> None:
    assert len(find_references(line=f"trace_id={ID} " + "a=b " * 200_000)) == 1
    many = " ".join(f"{number:032x}" for number in range(1, 1000))
    assert len(find_references(line=many)) == 20
