"""Thrift without a schema: both protocols, calls, and what is bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from appliance.base.errors import BadInput
from appliance.wire.thrift import read_list, read_message, read_struct
from tests.thrift_writing import (
    Typed,
    binary,
    binary_call,
    compact,
    compact_call,
    fields,
    i16,
    i32,
    i64,
    listed,
    text,
)

EVERYTHING = fields(
    {
        1: Typed("bool", value=True),
        2: Typed("bool", value=False),
        3: Typed("byte", -5),
        4: i16(-300),
        5: i32(2**31 - 1),
        6: i64(-(2**63)),
        7: Typed("double", 1.25),
        8: text("x" * 200),
        9: listed(*(i64(number) for number in range(20)), element="i64"),
        10: fields({1: text("inner")}),
        40: listed(fields({1: i32(7)}), fields({})),
        41: i64(64),
    }
)
VALUES = {
    1: True,
    2: False,
    3: -5,
    4: -300,
    5: 2**31 - 1,
    6: -(2**63),
    7: 1.25,
    8: b"x" * 200,
    9: list(range(20)),
    10: {1: b"inner"},
    40: [{1: 7}, {}],
    41: 64,
}


@pytest.mark.parametrize(("write", "is_compact"), [(compact, True), (binary, False)])
def test_values_of_all_types_are_read(write: Callable[[Typed], bytes], *, is_compact: bool) -> None:
    assert read_struct(write(EVERYTHING), compact=is_compact) == VALUES


@pytest.mark.parametrize(
    "packet",
    [
        compact_call("emitBatch", EVERYTHING),
        compact_call("emitBatch", EVERYTHING, kind=1),
        binary_call("emitBatch", EVERYTHING),
        binary_call("emitBatch", EVERYTHING, strict=False),
    ],
)
def test_calls_are_read_in_all_forms(packet: bytes) -> None:
    message = read_message(packet)
    assert (message.name, message.arguments) == ("emitBatch", VALUES)


@pytest.mark.parametrize("kind", [2, 3])
def test_answers_are_no_calls(kind: int) -> None:
    with pytest.raises(BadInput, match="no call"):
        read_message(compact_call("emitBatch", EVERYTHING, kind=kind))


@pytest.mark.parametrize("write", [compact, binary])
def test_lists_are_read_in_both_protocols(write: Callable[[Typed], bytes]) -> None:
    assert read_list(write(listed(fields({1: i32(1)}), fields({1: i32(2)})))) == [{1: 1}, {1: 2}]


def test_lists_hold_structs() -> None:
    with pytest.raises(BadInput, match="structs"):
        read_list(compact(listed(i64(1), element="i64")))


@pytest.mark.parametrize("is_compact", [True, False])
def test_what_is_cut_off_is_refused(*, is_compact: bool) -> None:
    body = (compact if is_compact else binary)(EVERYTHING)
    for size in range(len(body)):
        with pytest.raises(BadInput):
            read_struct(body[:size], compact=is_compact)


def nested(write: Callable[[Typed], bytes], depth: int) -> bytes:
    item: Any = fields({})
    for _ in range(depth):
        item = fields({1: item})
    return write(item)


@pytest.mark.parametrize(("write", "is_compact"), [(compact, True), (binary, False)])
def test_nesting_is_bounded(write: Callable[[Typed], bytes], *, is_compact: bool) -> None:
    read_struct(nested(write, 20), compact=is_compact)
    with pytest.raises(BadInput, match="nested deeper"):
        read_struct(nested(write, 30), compact=is_compact)


@pytest.mark.parametrize(
    ("body", "is_compact"),
    [
        (b"\x19\xfc\xff\xff\xff\xff\x7f", True),  # a list of 34 thousand million structs
        (b"\x1b\xff\xff\xff\xff\x7f\x88", True),  # a map
        (b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\0", True),  # a text
        (b"\x0f\0\1\x0c\x7f\xff\xff\xff\0", False),
        (b"\x0f\0\1\x0c\xff\xff\xff\xff\0", False),  # a negative number of them
        (b"\x0b\0\1\xff\xff\xff\xff\0", False),
        (b"\x16" + b"\xff" * 11 + b"\0", True),  # a number without an end
        (b"\x0e", True),
        (b"\x1e\0", True),  # no such type
        (b"\x63\0\1\0", False),
        (b"", True),
        (b"", False),
    ],
)
def test_lengths_beyond_the_body_and_unknown_types_are_refused(
    body: bytes, *, is_compact: bool
) -> None:
    with pytest.raises(BadInput, match="thrift"):
        read_struct(body, compact=is_compact)


def test_values_are_bounded_however_small_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.wire.thrift._MAX_VALUES", 100)
    few = fields({1: listed(*[fields({})] * 100)})
    assert len(read_struct(compact(few), compact=True)[1]) == 100
    many = fields({1: listed(*[fields({})] * 60), 2: listed(*[fields({})] * 60)})
    for write in (compact, binary):
        with pytest.raises(BadInput, match="more than 100 values"):
            read_struct(write(many), compact=write is compact)


@pytest.mark.parametrize("packet", [b"\x82", b"\x82\x22\1\1a", b"\x80\2\0\1\0\0\0\0", b"{}", b""])
def test_other_packets_are_refused(packet: bytes) -> None:
    with pytest.raises(BadInput):
        read_message(packet)
