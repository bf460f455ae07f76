from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.base.errors import BadInput
from appliance.wire.otlp.traces import decode_traces

TRACE = bytes(range(16))
SPAN = b"\x00\x00\x00\x00\x00\x00\x01\x02"


def span(**fields: Any) -> Span:
    given: dict[str, Any] = {
        "trace_id": TRACE,
        "span_id": SPAN,
        "name": "GET /",
        "kind": 2,
        "start_time_unix_nano": 1_000,
        "end_time_unix_nano": 3_500,
    }
    return Span(**(given | fields))


def request(*spans: Span, service: str = "shop") -> ExportTraceServiceRequest:
    made = ExportTraceServiceRequest()
    group = made.resource_spans.add()
    if service:
        group.resource.attributes.add(key="service.name").value.string_value = service
    scoped = group.scope_spans.add()
    scoped.scope.name = "tests"
    scoped.spans.extend(spans)
    return made


def test_fixed_fields_become_columns() -> None:
    sent = span(parent_span_id=b"\x80" + bytes(7), status={"code": 2, "message": "no"})
    batch, rejects = decode_traces(request(sent).SerializeToString())

    assert rejects == []
    assert batch.trace_ids.tobytes() == TRACE
    assert batch.span_ids.tolist() == [0x0102]
    assert batch.parent_ids.tolist() == [1 << 63]
    assert (batch.start_ns.tolist(), batch.duration_ns.tolist()) == ([1000], [2500])
    assert (batch.kinds.tolist(), batch.statuses.tolist()) == ([2], [2])
    assert [batch.names[row] for row in batch.name_ids] == ["GET /"]
    assert batch.services == ["shop"]


def test_spans_are_kept_byte_for_byte_even_unknown_fields() -> None:
    raw = span().SerializeToString() + b"\xfa\x3e\x03abc"
    scoped = b"\x12" + bytes([len(raw)]) + raw
    group = b"\x12" + bytes([len(scoped)]) + scoped
    batch, _ = decode_traces(b"\x0a" + bytes([len(group)]) + group)

    assert list(batch.spans) == [raw]
    assert batch.services == [""]
    assert batch.parent_ids.tolist() == [0]


def test_equal_resources_scopes_and_names_are_shared() -> None:
    made = request(span(), span())
    made.MergeFrom(request(span(name="other")))
    made.MergeFrom(request(span(), service="cart"))

    batch, _ = decode_traces(made.SerializeToString())

    assert batch.name_ids.tolist() == [0, 0, 1, 0]
    assert batch.resource_ids.tolist() == batch.service_ids.tolist() == [0, 0, 0, 1]
    assert batch.scope_ids.tolist() == [0, 0, 0, 0]
    assert list(batch.services) == ["shop", "cart"]
    assert batch.resources[1] == made.resource_spans[2].resource.SerializeToString()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trace_id": b""}, "invalid trace_id ''"),
        ({"trace_id": bytes(16)}, "invalid trace_id '0000"),
        ({"trace_id": b"12345678"}, "invalid trace_id"),
        ({"span_id": b""}, "invalid span_id"),
        ({"span_id": bytes(8)}, "invalid span_id"),
        ({"parent_span_id": b"123"}, "invalid parent_span_id '313233'"),
        ({"start_time_unix_nano": 2**63}, "start_time_unix_nano 9223372036854775808"),
    ],
)
def test_invalid_spans_are_refused_one_by_one(fields: dict[str, Any], reason: str) -> None:
    made = request(span(name="first"), span(**fields), span(name="last"))

    batch, rejects = decode_traces(made.SerializeToString())

    assert [batch.names[row] for row in batch.name_ids] == ["first", "last"]
    assert [reject.index for reject in rejects] == [1]
    assert rejects[0].reason.startswith(reason)
    assert [Span.FromString(raw).name for raw in batch.spans] == ["first", "last"]


def test_many_refusals_are_counted_but_described_once() -> None:
    batch, rejects = decode_traces(request(*[Span()] * 500, span()).SerializeToString())

    assert len(batch) == 1
    assert len(rejects) == 500
    assert len(set(map(id, rejects))) == 20


def test_odd_numbers_are_tamed() -> None:
    backwards = span(end_time_unix_nano=5, kind=77, status={"code": 9})
    endless = span(start_time_unix_nano=0, end_time_unix_nano=2**64 - 1)
    batch, rejects = decode_traces(request(backwards, endless).SerializeToString())

    assert rejects == []
    assert batch.duration_ns.tolist() == [0, 2**63 - 1]
    assert batch.kinds.tolist() == [0, 2]
    assert batch.statuses.tolist() == [0, 0]


def test_an_empty_request_is_an_empty_batch() -> None:
    batch, rejects = decode_traces(b"")

    assert len(batch) == 0
    assert rejects == []
    assert batch.trace_ids.shape == (0, 16)
    assert batch.service_ids.dtype == np.int32


@pytest.mark.parametrize("body", [b"\x0a\xff\xff\xff\xff\x01garbage", b"{}", b"\x0a\x05abc"])
def test_what_is_no_request_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput, match="ExportTraceServiceRequest"):
        decode_traces(body)


def test_a_truncated_request_is_bad_input() -> None:
    body = request(span(), span()).SerializeToString()

    with pytest.raises(BadInput):
        decode_traces(body[:-7])


@pytest.mark.parametrize("start", [0, 1_000, 1 << 62, (1 << 63) - 1])
def test_no_span_ends_beyond_what_an_int64_holds(start: int) -> None:
    sent = span(start_time_unix_nano=start, end_time_unix_nano=(1 << 64) - 1)
    batch, _ = decode_traces(request(sent).SerializeToString())
    assert int(batch.start_ns[0]) + int(batch.duration_ns[0]) == (1 << 63) - 1
