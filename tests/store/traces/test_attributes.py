"""Attribute columns against plain reading of each span."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList

from appliance.store.traces.attributes import (
    SPAN_FIELD,
    group_by_key,
    merge_attributes,
    moved_rows,
    parse_attributes,
)


def rows(messages: list[bytes]) -> list[dict[str, object]]:
    """Attributes of each span, out of the columns."""
    return as_rows(group_by_key(parse_attributes(messages, SPAN_FIELD)), len(messages))


def as_rows(columns: dict[str, Any], count: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [{} for _ in range(count)]
    for key, column in columns.items():
        dictionary = column.dictionary(count)
        for row, number in enumerate(dictionary.ids.tolist()):
            if number >= 0:
                found[row][key] = dictionary.values[number]
    return found


def raw(build: Any, **attributes: object) -> bytes:
    message: bytes = build.span(1, 1, attributes=attributes).SerializeToString()
    return message


def test_values_of_every_type(build: Any) -> None:
    pairs = [KeyValue(key="k", value=AnyValue(int_value=1))]
    tree = AnyValue(kvlist_value=KeyValueList(values=pairs))
    attributes = {
        "text": "x",
        "empty": "",
        "yes": True,
        "no": False,
        "zero": 0,
        "negative": -5,
        "float": 0.5,
        "bytes": b"\xff\x00",
        "list": ["a", 1, [2.5]],
        "tree": tree,
        "nothing": AnyValue(),
    }
    expected = attributes | {"tree": {"k": 1}, "nothing": None}
    found = rows([raw(build, **attributes)])
    assert found == [expected]
    assert {key: type(value) for key, value in found[0].items()} == {
        key: type(value) for key, value in expected.items()
    }


def test_true_one_and_one_point_zero_stay_distinct(build: Any) -> None:
    values = [True, 1, 1.0, "1"]
    found = [row["k"] for row in rows([raw(build, k=value) for value in values])]
    assert list(map(type, found)) == [bool, int, float, str]


def test_spans_without_attributes_and_many_messages(build: Any) -> None:
    messages = [raw(build) if n % 3 == 0 else raw(build, n=n, k="x" * (n % 2)) for n in range(9000)]
    found = rows(messages)
    assert found[0] == {}
    assert found[4096:4100] == [
        {"n": 4096, "k": ""},
        {"n": 4097, "k": "x"},
        {},
        {"n": 4099, "k": "x"},
    ]
    assert rows([]) == []


def test_empty_attribute_and_broken_message_do_not_shift_the_others(build: Any) -> None:
    empty = build.span(1, 2)
    empty.attributes.add()  # serialized like the separator
    messages = [raw(build, a=1), empty.SerializeToString(), b"\xff\xff", raw(build, a=2)]
    assert rows(messages) == [{"a": 1}, {}, {}, {"a": 2}]


def test_key_that_is_not_utf8_is_left_out(build: Any) -> None:
    broken = b"\x4a\x05\x0a\x01\xff\x12\x00"
    assert rows([raw(build, a=1) + broken, raw(build, a=2)]) == [{"a": 1}, {"a": 2}]


def test_last_of_a_repeated_key_holds(build: Any) -> None:
    assert rows([raw(build, a=1, b=0) + raw(build, a=2)[-9:]]) == [{"a": 2, "b": 0}]


def test_merge_and_reorder(build: Any) -> None:
    first, second = [raw(build, a=1), raw(build, b=2)], [raw(build, a=1, b=3), raw(build)]
    tables = [(parse_attributes(one, SPAN_FIELD), 2) for one in (first, second)]
    order = np.array([3, 1, 2, 0])
    merged = group_by_key(merge_attributes(tables).reordered(moved_rows(order, 4)))
    assert as_rows(merged, 4) == [{}, {"b": 2}, {"a": 1, "b": 3}, {"a": 1}]


def test_values_come_in_the_order_of_their_first_row(build: Any) -> None:
    table = parse_attributes([raw(build, a=n) for n in (3, 1, 3, 2)], SPAN_FIELD)
    column = group_by_key(table.reordered(moved_rows(np.array([3, 2, 1, 0]), 4)))["a"]
    assert column.values == [2, 3, 1]
    assert column.ids.tolist() == [0, 1, 2, 1]


def test_frequent_keys_come_first_and_nan_survives(build: Any) -> None:
    columns = group_by_key(
        parse_attributes([raw(build, z=1), raw(build, z=math.nan, a=1)], SPAN_FIELD)
    )
    assert list(columns) == ["z", "a"]
    assert math.isnan(columns["z"].values[1])  # type: ignore[arg-type]
