"""Attribute columns of sealed blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from appliance.store.codec import Damaged
from appliance.store.traces.attributes import AttributeColumn
from appliance.store.traces.sealed.attribute_codec import decode_column, encode_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.trace import AttributeValue

VALUES: list[list[AttributeValue]] = [
    ["a", "", "ü"],
    [1, -(2**63), 2**63 - 1],
    [0.5, -0.0, float("inf")],
    [True, 1, 1.0],
    [b"\x00", None, "x"],
    [["a", [1]], {"k": {"l": False}}, []],
]


def column(rows: Sequence[int], values: list[AttributeValue]) -> AttributeColumn:
    ids = np.arange(len(rows), dtype=np.int32) % len(values)
    return AttributeColumn(np.array(rows, np.int32), ids.astype(np.int32), values)


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("rows", [range(300), range(0, 300, 2), [299], [0, 17, 299]])
def test_column_survives(rows: Sequence[int], values: list[AttributeValue]) -> None:
    given = column(rows, values)
    found = decode_column(encode_column(given, 300), 300)
    assert found.rows.tolist() == list(rows)
    assert found.ids.tolist() == given.ids.tolist()
    assert list(map(repr, found.values)) == list(map(repr, values))  # tells True from 1 from 1.0


def test_many_distinct_values_survive() -> None:
    given = column(range(70_000), [f"v{n}" for n in range(70_000)])
    found = decode_column(encode_column(given, 70_000), 70_000)
    assert found.ids.tolist() == list(range(70_000))
    assert found.values[69_999] == "v69999"


@pytest.mark.parametrize("cut", [0, 1, 5, 20])
def test_cut_column_is_damaged(cut: int) -> None:
    blob = encode_column(column(range(10), ["a", "b"]), 10)
    with pytest.raises(Damaged):
        decode_column(blob[:cut], 10)
