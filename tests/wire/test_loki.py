from __future__ import annotations

from typing import Any

import orjson
import pytest

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.wire.loki import decode_push_json, decode_push_protobuf
from appliance.wire.messages.loki_push_pb2 import PushRequest

BASE = 1_740_391_383_984_000_000


def push(*values: Any, stream: Any = None) -> list[StreamBatch]:
    labels = {"app": "a"} if stream is None else stream
    document = {"streams": [{"stream": labels, "values": list(values)}]}
    return decode_push_json(orjson.dumps(document), now_ns=7)


def test_streams_of_strings() -> None:
    (stream,) = push([str(BASE + 1), "second"], [str(BASE), "first"])

    assert stream.labels == Labels.of({"app": "a"})
    assert stream.timestamps_ns.tolist() == [BASE + 1, BASE]
    assert list(stream.lines) == [b"second", b"first"]
    assert stream.metadata is None


@pytest.mark.parametrize("line", ["", "two\nlines", "ünï 🚀", "tab\t\x00"])
def test_lines_may_hold_anything(line: str) -> None:
    (stream,) = push(["1", "before"], ["2", line], ["3", ""])

    assert list(stream.lines) == [b"before", line.encode(), b""]


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [("-5", -5), ("007", 7), (12, 12), (1.5e3, 1500), (str(2**63 - 1), 2**63 - 1)],
)
def test_times_as_other_clients_write_them(text: object, time_ns: int) -> None:
    (stream,) = push(["1", "x"], [text, "x"])

    assert stream.timestamps_ns.tolist() == [1, time_ns]


def test_structured_metadata_is_sorted_and_optional() -> None:
    (stream,) = push(["1", "x"], ["2", "y", {"b": "2", "a": "1"}], ["3", "z", None], ["4", "z", {}])

    assert list(stream.metadata or ()) == [(), (("a", "1"), ("b", "2")), (), ()]


def test_streams_of_equal_labels_are_merged() -> None:
    document = {
        "streams": [
            {"stream": {"a": "1", "b": "2"}, "values": [["1", "x"]]},
            {"stream": {"c": "3"}, "values": []},
            {"stream": {"b": "2", "a": "1"}, "values": [["2", "y", {"k": "v"}]]},
        ]
    }
    stream, empty = decode_push_json(orjson.dumps(document), now_ns=7)

    assert stream.timestamps_ns.tolist() == [1, 2]
    assert list(stream.lines) == [b"x", b"y"]
    assert (empty.labels, len(empty.lines)) == (Labels.of({"c": "3"}), 0)
    assert list(stream.metadata or ()) == [(), (("k", "v"),)]


def test_labels_that_are_no_text_are_taken_as_they_are_written() -> None:
    (stream,) = push(["1", "x"], stream={"a": 1, "b": True, "c": None, "d": "e"})

    assert stream.labels == Labels.of({"a": "1", "b": "true", "c": "null", "d": "e"})


def test_a_stream_may_have_no_labels_and_entries_may_be_null() -> None:
    (stream,) = push(None, ["1", "x"], None, stream={})

    assert (stream.labels, list(stream.lines)) == (Labels(), [b"x"])


@pytest.mark.parametrize("body", [b"{}", b'{"streams":null}', b'{"streams":[]}'])
def test_nothing_pushed(body: bytes) -> None:
    assert decode_push_json(body, now_ns=7) == []


def test_the_form_of_the_first_releases() -> None:
    entries = [
        {"ts": "2025-02-24T10:03:03.984Z", "line": "x"},
        {"ts": "2025-02-24T12:03:03.123456789+02:00", "line": "y"},
        {"line": "z"},
    ]
    document = {"streams": [{"labels": '{app="a"}', "entries": entries}]}
    (stream,) = decode_push_json(orjson.dumps(document), now_ns=7)

    assert stream.labels == Labels.of({"app": "a"})
    assert stream.timestamps_ns.tolist() == [BASE, BASE - 860_543_211, 7]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([["1", "x"], ["soon", "x"]], "values[1][0]: expected nanoseconds as a string, got 'soon'"),
        ([["1", "x"], ["1.5", "x"]], "values[1][0]: expected nanoseconds"),
        ([["1", "x"], [str(2**63), "x"]], "values[1][0]: expected nanoseconds"),
        ([["1,2", "x"]], "values[0][0]: expected nanoseconds"),
        ([[True, "x"]], "values[0][0]: expected nanoseconds"),
        ([["1", "x"], ["2", 5]], "values[1][1]: expected the line as a string"),
        ([["1", "x"], ["2"]], "values[1]: expected an array of a time and a line"),
        ([["1", "x"], "22"], "values[1]: expected an array"),
        ([["1", "x"], 5], "values[1]: expected an array"),
        ([["1", "x", {"a": 1}]], "values[0][2]: expected structured metadata"),
        ([["1", "x"], ["1", "x", ["a"]]], "values[1][2]: expected structured metadata"),
        ({"1": "x"}, "values: expected an array"),
    ],
)
def test_errors_name_the_entry(values: Any, message: str) -> None:
    body = orjson.dumps({"streams": [{"stream": {"app": "a"}, "values": values}]})

    with pytest.raises(BadInput) as caught:
        decode_push_json(body, now_ns=7)

    assert caught.value.message.startswith(f"streams[0].{message}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"streams":5}',
        b'{"streams":[5]}',
        b'{"streams":[{"stream":[]}]}',
        b'{"streams":[{"stream":{"a b":"1"},"values":[["1","x"]]}]}',
        b'{"streams":[{"labels":5,"entries":[]}]}',
        b'{"streams":[{"labels":"{a=1}","entries":[]}]}',
        b'{"streams":[{"labels":"{}","entries":[5]}]}',
        b'{"streams":[{"labels":"{}","entries":[{"ts":"yesterday","line":"x"}]}]}',
        b'{"streams":[{"labels":"{}","entries":[{"ts":"2025-13-24T10:03:03Z","line":"x"}]}]}',
        b'{"streams":[{"labels":"{}","entries":[{"ts":"2925-01-24T10:03:03Z","line":"x"}]}]}',
    ],
)
def test_other_shapes_are_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        decode_push_json(body, now_ns=7)


def test_json_errors_have_a_position() -> None:
    with pytest.raises(BadInput) as caught:
        decode_push_json(b'{"streams":[}', now_ns=7)

    assert caught.value.position == 12


def protobuf(*entries: dict[str, Any], labels: bytes = b'{app="a"}') -> bytes:
    encoded: bytes = PushRequest(
        streams=[{"labels": labels, "entries": entries}]
    ).SerializeToString()
    return encoded


def test_protobuf_entries() -> None:
    (stream,) = decode_push_protobuf(
        protobuf(
            {"timestamp": {"seconds": 1_740_391_383, "nanos": 984_000_000}, "line": b"x"},
            {
                "timestamp": {"seconds": 1},
                "line": b"y",
                "structured_metadata": [
                    {"name": b"b", "value": b"2"},
                    {"name": b"a", "value": b"1"},
                ],
            },
        )
    )

    assert stream.labels == Labels.of({"app": "a"})
    assert stream.timestamps_ns.tolist() == [BASE, 10**9]
    assert list(stream.lines) == [b"x", b"y"]
    assert list(stream.metadata or ()) == [(), (("a", "1"), ("b", "2"))]


def test_protobuf_lines_are_made_valid() -> None:
    (stream,) = decode_push_protobuf(protobuf({"line": b"ok"}, {"line": b"\xff!"}))

    assert list(stream.lines) == [b"ok", "�!".encode()]


@pytest.mark.parametrize(
    "body",
    [
        b"\x0a\xff",
        protobuf({"line": b"x"}, labels=b"{a}"),
        protobuf({"timestamp": {"seconds": 2**40}, "line": b"x"}),
        protobuf({"timestamp": {"seconds": -(2**63)}, "line": b"x"}),
    ],
)
def test_protobuf_errors(body: bytes) -> None:
    with pytest.raises(BadInput):
        decode_push_protobuf(body)


STAMP = b"\x0a\x06\x08" + bytes([0xD7, 0x87, 0xF1, 0xBD, 0x06])
PAIR = b"\x1a\x06\x0a\x01k\x12\x01v"


@pytest.mark.parametrize(
    ("entry", "line", "metadata"),
    [
        (STAMP + b"\x12\x01x", b"x", ()),
        (STAMP + b"\x12\x01x" + PAIR, b"x", (("k", "v"),)),
        (STAMP, b"", ()),
        (STAMP + PAIR, b"", (("k", "v"),)),
        (b"\x12\x01x" + STAMP, b"x", ()),
        (STAMP + PAIR + b"\x12\x01x", b"x", (("k", "v"),)),
        (STAMP + b"\x12\x01x\x12\x01y", b"y", ()),
        (STAMP + b"\x12\x01x" + b"\x20\x05", b"x", ()),
        (STAMP + b"\x12\xc8\x01" + b"x" * 200, b"x" * 200, ()),
        (STAMP + b"\x12\x81\x80\x00x", b"x", ()),
    ],
)
def test_entries_may_be_written_in_other_ways(entry: bytes, line: bytes, metadata: Any) -> None:
    others = STAMP + b"\x12\x03one", STAMP + b"\x12\x03two"
    entries = b"".join(b"\x12" + varint(len(one)) + one for one in (others[0], entry, others[1]))
    labels = b'{app="a"}'
    stream = b"\x0a" + varint(len(labels)) + labels + entries

    (batch,) = decode_push_protobuf(b"\x0a" + varint(len(stream)) + stream)

    assert batch.timestamps_ns.tolist() == [BASE // 10**9 * 10**9] * 3
    assert list(batch.lines) == [b"one", line, b"two"]
    assert list(batch.metadata or [()] * 3) == [(), metadata, ()]


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


@pytest.mark.parametrize("time_ns", [0, 1, 10**9, 2**28 * 10**9 - 1, 2**28 * 10**9, -1, -(10**9)])
def test_times_of_any_size(time_ns: int) -> None:
    seconds, nanos = divmod(time_ns, 10**9)
    entry = {"timestamp": {"seconds": seconds, "nanos": nanos}, "line": b"x"}
    negative = {"timestamp": {"seconds": seconds + 1, "nanos": nanos - 10**9}, "line": b"x"}

    (stream,) = decode_push_protobuf(protobuf(entry, negative))

    assert stream.timestamps_ns.tolist() == [time_ns, time_ns]
