"""Serialized pairs as keys and values."""

from __future__ import annotations

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from appliance.model.trace import NumberValues
from appliance.store.traces import key_values
from appliance.store.traces.key_values import as_values, decode_pairs
from tests.spans import any_value


def pair(key: str, value: object) -> bytes:
    raw: bytes = KeyValue(key=key, value=any_value(value)).SerializeToString()
    return raw


VALUES = ["", "x", "é" * 100, "n" * 126, "n" * 127, 0, -1, 2**63 - 1, True, False, 0.0, -2.5,
          b"", b"\xff", [], ["a", 1, [True]], {"a": {"b": 1}}, None]  # fmt: skip


def test_pairs_of_every_kind_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_values, "_decode_singly", None)
    keys, values = decode_pairs([pair(f"k{at}", value) for at, value in enumerate(VALUES)])
    assert keys == [f"k{at}" for at in range(len(VALUES))]
    assert list(map(repr, values)) == list(map(repr, VALUES))


@pytest.mark.parametrize(
    "odd",
    [
        KeyValue(value=AnyValue(string_value="v")).SerializeToString(),
        KeyValue(key="k").SerializeToString(),
        pair("k", 1) + pair("k2", "v"),  # said twice: the last holds
        b"\x0a\x01a\x0a\x01b",
        b"\x12\x03\x0a\x01v\x12\x03\x0a\x01w",
    ],
)
def test_odd_pairs_do_not_shift_the_others(odd: bytes) -> None:
    parsed = KeyValue.FromString(odd)
    keys, values = decode_pairs([pair("a", 1), odd, pair("b", 2)])
    assert keys == ["a", parsed.key, "b"]
    assert values == [1, key_values.decode_value(parsed.value), 2]


def test_pairs_that_do_not_decode_have_no_key() -> None:
    for broken in (b"\x0a\x01\xff\x12\x00", b"\xff", b"\x0a\x01k\x12\x03\x0a\x01\xff"):
        keys, values = decode_pairs([pair("a", 1), broken, pair("b", "x")])
        assert keys == ["a", None, "b"]
        assert values == [1, None, "x"]


def test_many_pairs() -> None:
    keys, values = decode_pairs([pair("k", n) for n in range(10_000)])
    assert set(keys) == {"k"}
    assert values == list(range(10_000))


def test_numbers_of_one_type_are_an_array() -> None:
    assert isinstance(as_values([1, 2]), NumberValues)
    assert isinstance(as_values([0.5, 2.0]), NumberValues)
    for values in ([1, 2.0], [True, False], [1, True], ["x"], [1, None]):
        assert as_values(list(values)) is not None
        assert not isinstance(as_values(list(values)), NumberValues)
