"""Zipkin v1: what annotations say of a span."""

from __future__ import annotations

import struct
from typing import Any

import orjson
import pytest

from appliance.base.errors import BadInput
from appliance.wire.zipkin.span import Endpoint, ZipkinSpan
from appliance.wire.zipkin.v1 import read_json, read_thrift
from tests.thrift_writing import (
    Typed,
    binary,
    compact,
    fields,
    i16,
    i32,
    i64,
    listed,
    text,
)

HOST = {"serviceName": "shop", "ipv4": "10.0.0.1", "port": 80}
SHOP = Endpoint("shop", "10.0.0.1", 80)


def read(**changes: Any) -> ZipkinSpan:
    (found,) = read_json(orjson.dumps([{"traceId": "1", "id": "2", "name": "op"} | changes]))
    return found


def note(value: str, at: int, host: object = None) -> dict[str, Any]:
    return {"value": value, "timestamp": at, "endpoint": host}


def tag(key: str, value: object, host: object = None) -> dict[str, Any]:
    return {"key": key, "value": value, "endpoint": host}


@pytest.mark.parametrize(
    ("value", "kind"), [("cs", 3), ("cr", 3), ("sr", 2), ("ss", 2), ("ms", 4), ("mr", 5)]
)
def test_the_kind_and_the_service_are_those_of_the_first_core_annotation(
    value: str, kind: int
) -> None:
    found = read(annotations=[note("early", 3), note(value, 5, HOST), note("late", 9, HOST)])
    assert (found.kind, found.local) == (kind, SHOP)
    assert found.annotations == [(3, "early"), (9, "late")]
    assert (found.start_us, found.duration_us) == (3, 6)


def test_times_of_the_span_go_before_those_of_annotations() -> None:
    found = read(timestamp=100, duration=7, annotations=[note("cs", 5)])
    assert (found.start_us, found.duration_us) == (100, 7)


def test_binary_annotations_are_tags_with_types() -> None:
    found = read(binaryAnnotations=[tag("a", "1"), tag("b", value=True), tag("c", 2.5)])
    assert found.tags == {"a": "1", "b": True, "c": 2.5}


def test_addresses_are_the_remote_end() -> None:
    found = read(annotations=[note("cs", 1)], binaryAnnotations=[tag("sa", value=True, host=HOST)])
    assert (found.remote, found.tags, found.local) == (SHOP, {}, Endpoint())


@pytest.mark.parametrize(
    ("tags", "service"),
    [
        ([tag("lc", "worker")], "worker"),
        ([tag("lc", "worker", HOST)], "shop"),
        ([tag("k", "v", HOST)], "shop"),
        ([], ""),
    ],
)
def test_local_spans_name_their_service_in_tags(tags: list[Any], service: str) -> None:
    found = read(binaryAnnotations=tags)
    assert found.local.service == service
    assert found.tags.get("component") == ("worker" if "lc" in str(tags) else None)


@pytest.mark.parametrize(
    ("tags", "status", "left"),
    [
        ({"census.status_code": "0"}, (1, ""), set()),
        (
            {"census.status_code": "14", "census.status_description": "gone"},
            (2, "gone"),
            set(),
        ),
        ({"opencensus.status_description": "no"}, None, set()),
        ({"http.status_code": "200"}, (0, ""), {"http.status_code"}),
        (
            {"http.status_code": "503", "http.status_message": "busy"},
            (2, "busy"),
            {"http.status_code", "http.status_message"},
        ),
        ({"http.status_code": "x"}, None, {"http.status_code"}),
        ({"error": "true", "http.status_code": "200"}, None, {"error", "http.status_code"}),
    ],
)
def test_codes_of_opencensus_and_http_are_a_status(
    tags: dict[str, str], status: tuple[int, str] | None, left: set[str]
) -> None:
    found = read(binaryAnnotations=[tag(*pair) for pair in tags.items()])
    assert (found.status, set(found.tags)) == (status, left)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"traceId": ""}, "spans[0].traceId"),
        ({"binaryAnnotations": [tag("k", {})]}, "spans[0].binaryAnnotations[0].value"),
        ({"annotations": [note("cs", -1)]}, "spans[0].annotations[0].timestamp"),
    ],
)
def test_wrong_values_are_named_with_their_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(**changes)
    assert caught.value.message.startswith(place)


# -- Thrift


def end(service: str, ipv4: int = 0, port: int = 0, ipv6: bytes = b"") -> Typed:
    return fields({1: i32(ipv4), 2: i16(port), 3: text(service), 4: text(ipv6)})


def thrift_tag(key: str, kind: int, raw: bytes, *, host: Typed | None = None) -> Typed:
    found = {1: text(key), 2: text(raw), 3: i32(kind)}
    return fields(found | ({4: host} if host else {}))


def thrift(**changes: Typed) -> ZipkinSpan:
    given = {1: i64(2), 3: text("op"), 4: i64(3), 12: i64(1)}
    given.update({int(name[1:]): value for name, value in changes.items()})
    found = [read_thrift(write(listed(fields(given)))) for write in (binary, compact)]
    assert found[0] == found[1]
    return found[0][0]


def test_thrift_says_the_same_as_json() -> None:
    host = end("shop", 0x0A000001, 80)
    notes = listed(fields({1: i64(5), 2: text("cs"), 3: host}), fields({1: i64(7), 2: text("x")}))
    found = thrift(f5=i64(-1), f6=notes, f9=Typed("bool", value=True), f10=i64(4), f11=i64(6))
    assert found == ZipkinSpan(
        trace_id=struct.pack(">qq", 1, 2),
        span_id=struct.pack(">q", 3),
        parent_id=b"\xff" * 8,
        name="op",
        kind=3,
        start_us=4,
        duration_us=6,
        local=SHOP,
        annotations=[(7, "x")],
        debug=True,
    )


def test_thrift_values_keep_their_types() -> None:
    tags = listed(
        thrift_tag("bool", 0, b"\1"),
        thrift_tag("bytes", 1, b"\0\xff"),
        thrift_tag("i16", 2, b"\xff\xfe"),
        thrift_tag("i32", 3, b"\0\0\1\0"),
        thrift_tag("i64", 4, bytes(7) + b"\7"),
        thrift_tag("double", 5, struct.pack(">d", 0.5)),
        thrift_tag("string", 6, b"text \xff"),
        thrift_tag("short", 4, b"\0"),
        thrift_tag("other", 9, b""),
        thrift_tag("sa", 0, b"\1", host=end("db", port=-1, ipv6=bytes(15) + b"\1")),
    )
    found = thrift(f8=tags)
    assert found.tags == {
        "bool": True,
        "bytes": "AP8=",
        "i16": -2,
        "i32": 256,
        "i64": 7,
        "double": 0.5,
        "string": "text �",
        "short": "<not enough bytes representing the number>",
        "other": "<unknown zipkin v1 binary annotation type (9)>",
    }
    assert found.remote == Endpoint("db", "::1", 0xFFFF)


def test_other_thrift_is_refused() -> None:
    with pytest.raises(BadInput, match="thrift"):
        read_thrift(b"")
