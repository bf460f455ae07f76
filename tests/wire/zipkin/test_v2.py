"""Zipkin v2: what a body says."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from appliance.base.errors import BadInput
from appliance.wire.messages.zipkin_pb2 import ListOfSpans
from appliance.wire.zipkin.span import Endpoint, ZipkinSpan
from appliance.wire.zipkin.v2 import read_json, read_protobuf

SPAN: dict[str, Any] = {
    "traceId": "463ac35c9f6413ad48485a3953bb6124",
    "id": "a2fb4a1d1a96d312",
    "parentId": "0020000000000001",
    "name": "get /api",
    "kind": "CLIENT",
    "timestamp": 1_700_000_000_000_000,
    "duration": 250_000,
    "localEndpoint": {"serviceName": "shop", "ipv4": "10.0.0.1", "port": 8080},
    "remoteEndpoint": {"serviceName": "db", "ipv6": "::1"},
    "annotations": [{"timestamp": 1_700_000_000_000_100, "value": "sent"}],
    "tags": {"http.method": "GET"},
    "shared": True,
    "debug": True,
}
READ = ZipkinSpan(
    trace_id=bytes.fromhex("463ac35c9f6413ad48485a3953bb6124"),
    span_id=bytes.fromhex("a2fb4a1d1a96d312"),
    parent_id=bytes.fromhex("0020000000000001"),
    name="get /api",
    kind=3,
    start_us=1_700_000_000_000_000,
    duration_us=250_000,
    local=Endpoint("shop", "10.0.0.1", 8080),
    remote=Endpoint("db", "::1", 0),
    annotations=[(1_700_000_000_000_100, "sent")],
    tags={"http.method": "GET"},
    shared=True,
    debug=True,
)


def read(**changes: Any) -> ZipkinSpan:
    (found,) = read_json(orjson.dumps([SPAN | changes]))
    return found


def test_json_is_read() -> None:
    assert read() == READ


def test_protobuf_says_the_same() -> None:
    message = ListOfSpans()
    message.spans.add(
        trace_id=READ.trace_id,
        parent_id=READ.parent_id,
        id=READ.span_id,
        kind=1,
        name=READ.name,
        timestamp=READ.start_us,
        duration=READ.duration_us,
        local_endpoint={"service_name": "shop", "ipv4": b"\x0a\0\0\1", "port": 8080},
        remote_endpoint={"service_name": "db", "ipv6": bytes(15) + b"\1"},
        annotations=[{"timestamp": 1_700_000_000_000_100, "value": "sent"}],
        tags={"http.method": "GET"},
        shared=True,
        debug=True,
    )
    assert read_protobuf(message.SerializeToString()) == [READ]


@pytest.mark.parametrize(("number", "kind"), [(0, 0), (1, 3), (2, 2), (3, 4), (4, 5), (9, 0)])
def test_kinds_of_protobuf(number: int, kind: int) -> None:
    message = ListOfSpans()
    message.spans.add(trace_id=bytes(8), id=bytes(8), kind=number)
    (found,) = read_protobuf(message.SerializeToString())
    assert (found.kind, found.trace_id, found.start_us) == (kind, bytes(16), None)


def test_what_is_absent_or_null_is_empty() -> None:
    nulls = dict.fromkeys(SPAN.keys() - {"traceId", "id"})
    bare = {"traceId": "1", "id": "2"}
    expected = ZipkinSpan(trace_id=bytes(15) + b"\1", span_id=bytes(7) + b"\2")
    assert read_json(orjson.dumps([bare, bare | nulls])) == [expected, expected]


@pytest.mark.parametrize("digits", ["48485a3953bb6124", "463AC35C9F6413AD48485A3953BB6124", "1"])
def test_trace_ids_are_padded(digits: str) -> None:
    assert read(traceId=digits).trace_id == bytes.fromhex(digits.zfill(32))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"traceId": ""}, "spans[0].traceId"),
        ({"traceId": "z" * 16}, "spans[0].traceId"),
        ({"traceId": "a" * 33}, "spans[0].traceId"),
        ({"traceId": None}, "spans[0].traceId"),
        ({"id": "a" * 17}, "spans[0].id"),
        ({"id": 7}, "spans[0].id"),
        ({"parentId": "x"}, "spans[0].parentId"),
        ({"name": 1}, "spans[0].name"),
        ({"kind": "OTHER"}, "spans[0].kind"),
        ({"timestamp": "soon"}, "spans[0].timestamp"),
        ({"timestamp": -1}, "spans[0].timestamp"),
        ({"timestamp": 2**60}, "spans[0].timestamp"),
        ({"duration": 1.5}, "spans[0].duration"),
        ({"duration": True}, "spans[0].duration"),
        ({"localEndpoint": []}, "spans[0].localEndpoint"),
        ({"localEndpoint": {"port": -1}}, "spans[0].localEndpoint.port"),
        ({"remoteEndpoint": {"serviceName": {}}}, "spans[0].remoteEndpoint.serviceName"),
        ({"annotations": {}}, "spans[0].annotations"),
        ({"annotations": [1]}, "spans[0].annotations[0]"),
        ({"annotations": [{"value": 1}]}, "spans[0].annotations[0].value"),
        ({"tags": []}, "spans[0].tags"),
        ({"tags": {"a": 1}}, "spans[0].tags.a"),
        ({"shared": 1}, "spans[0].shared"),
    ],
)
def test_wrong_values_are_named_with_their_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(**changes)
    assert caught.value.message.startswith(f"{place}: ")


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"null", b"[", b"\xff"])
def test_other_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        read_json(body)


def test_protobuf_ids_have_their_lengths() -> None:
    with pytest.raises(BadInput, match="ListOfSpans"):
        read_protobuf(b"\x0a\xff")
    for ids in ({"trace_id": b"1", "id": bytes(8)}, {"trace_id": bytes(16), "id": bytes(7)}):
        message = ListOfSpans()
        message.spans.add(**ids)
        with pytest.raises(BadInput, match="bytes"):
            read_protobuf(message.SerializeToString())
    message = ListOfSpans()
    message.spans.add(trace_id=bytes(16), id=bytes(8), timestamp=2**63)
    with pytest.raises(BadInput, match="out of range"):
        read_protobuf(message.SerializeToString())
