"""Blobs give back what went in, bit for bit, and damage never passes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from appliance.store.codec import (
    Damaged,
    decode_array,
    decode_bytes,
    decode_list,
    encode_array,
    encode_bytes,
    encode_list,
)

arrays = st.sampled_from(["int64", "uint64", "float64", "int32", "uint32", "uint8"]).flatmap(
    lambda dtype: hnp.arrays(dtype, st.integers(0, 200))
)


@given(arrays)
def test_arrays_survive_bit_for_bit(values: NDArray[Any]) -> None:
    decoded = decode_array(encode_array(values))
    assert decoded.dtype == values.dtype
    assert decoded.tobytes() == values.tobytes()


@given(st.binary())
def test_bytes_survive(data: bytes) -> None:
    assert decode_bytes(encode_bytes(data)) == data


@given(st.lists(st.binary()))
def test_lists_survive(items: list[bytes]) -> None:
    assert decode_list(encode_list(items)) == items


@given(arrays, st.data())
def test_flipped_payload_byte_is_found(values: NDArray[Any], data: st.DataObject) -> None:
    blob = bytearray(encode_array(values))
    at = data.draw(st.integers(6, len(blob) - 1))
    blob[at] ^= 0xFF
    with pytest.raises(Damaged):
        decode_array(bytes(blob))


@given(st.binary(max_size=40))
def test_arbitrary_bytes_are_refused_or_empty(data: bytes) -> None:
    try:
        assert len(decode_bytes(data)) == 0
    except Damaged:
        return
