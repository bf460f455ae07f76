"""Rows of values come back bit for bit, and cheaply where they can."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from appliance.model.sample import ABSENT_BITS, NORMAL_NAN_BITS, STALE_BITS
from appliance.store.codec import Damaged
from appliance.store.metrics.blocks.matrix import EncodedMatrix, encode_matrix
from tests.random_examples import examples

SPECIAL = [ABSENT_BITS, STALE_BITS, NORMAL_NAN_BITS, 1 << 63, 0, 0x7FF0000000000000]
decimals = st.integers(-(10**6), 10**6).flatmap(
    lambda n: st.sampled_from([1, 10, 1000, 10**7]).map(lambda d: n / d)
)
bits = st.one_of(
    st.sampled_from(SPECIAL),
    st.floats(width=64).map(lambda f: int(np.float64(f).view(np.uint64))),
    decimals.map(lambda f: int(np.float64(f).view(np.uint64))),
)
matrices = hnp.arrays(
    np.uint64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=bits
)


def decode(data: bytes, rows: list[int] | None = None) -> NDArray[np.float64]:
    matrix = EncodedMatrix(data)
    wanted = np.arange(matrix.rows) if rows is None else np.array(rows, dtype=np.int64)
    out = np.empty((len(wanted), matrix.columns))
    matrix.decode_into(wanted, out)
    return out


@given(matrices)
def test_values_survive_bit_for_bit(table: NDArray[Any]) -> None:
    out = decode(encode_matrix(table.view(np.float64)))
    assert out.view(np.uint64).tolist() == table.tolist()


@examples(30)
@given(matrices, st.data())
def test_some_rows_are_those_rows(table: NDArray[Any], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(table) - 1), max_size=6))
    out = decode(encode_matrix(table.view(np.float64)), rows)
    assert out.view(np.uint64).tolist() == table[rows].tolist()


def test_rows_decode_into_part_of_a_wider_matrix() -> None:
    values = np.arange(12.0).reshape(2, 6) / 10
    wide = np.full((2, 10), -1.0)
    EncodedMatrix(encode_matrix(values)).decode_into(np.array([1, 0]), wide[:, 2:8])
    assert wide[:, 2:8].tolist() == values[::-1].tolist()
    assert (wide[:, [0, 1, 8, 9]] == -1).all()


@pytest.mark.parametrize(
    ("name", "values", "most_bytes"),
    [
        ("constants", np.full((64, 480), 17.25), 200),
        ("counters", np.cumsum(np.ones((64, 480)), axis=1), 2000),
        ("cents", np.cumsum(np.ones((64, 480)), axis=1) / 100, 2000),
    ],
)
def test_usual_rows_are_small(name: str, values: NDArray[np.float64], most_bytes: int) -> None:
    assert len(encode_matrix(values)) < most_bytes, name


def test_a_gap_does_not_make_a_constant_row_large() -> None:
    values = np.full((64, 480), 3.0)
    values.view(np.uint64)[:, 100:200] = ABSENT_BITS
    values.view(np.uint64)[5, 99] = STALE_BITS
    assert len(encode_matrix(values)) < 400


@pytest.mark.parametrize("keep", [0, 5, 20, -1])
def test_truncated_bytes_are_damaged(keep: int) -> None:
    data = encode_matrix(np.random.default_rng(1).random((3, 50)))
    with pytest.raises(Damaged):
        EncodedMatrix(data[:keep])
