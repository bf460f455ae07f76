from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.wire.numbers import (
    format_value,
    format_values,
    parse_float,
    parse_floats,
    print_float,
)
from tests.random_examples import examples

bounded = examples(60)

floats = st.floats(allow_nan=True, allow_infinity=True)


def same(one: float, other: float) -> bool:
    both_nan = math.isnan(one) and math.isnan(other)
    return both_nan or (one == other and math.copysign(1, one) == math.copysign(1, other))


@bounded
@given(floats)
def test_printed_numbers_read_back_to_the_last_bit(value: float) -> None:
    assert same(parse_float(print_float(value).encode()), value)
    assert same(parse_float(format_value(value).encode()), value)


@bounded
@given(st.lists(floats))
def test_rows_are_printed_like_single_values(values: list[float]) -> None:
    row = np.array(values, dtype=np.float64)

    assert format_values(row) == [format_value(value).encode() for value in values]


@bounded
@given(
    st.lists(floats, min_size=1), st.sampled_from([repr, print_float, format_value, "{:e}".format])
)
def test_columns_are_read_like_single_values(values: list[float], written: object) -> None:
    assert callable(written)
    text = "".join(written(value) + "\n" for value in values).encode()

    read = parse_floats(text)

    single = np.array([parse_float(line) for line in text.split(b"\n")[:-1]])
    assert read.view(np.uint64).tolist() == single.view(np.uint64).tolist()


@bounded
@given(st.lists(st.text('0123456789.eE+-nNaAiIfF_x ,[]"', max_size=6), min_size=1, max_size=4))
def test_both_readers_refuse_the_same(lines: list[str]) -> None:
    texts = [line.encode() for line in lines]
    try:
        expected = [parse_float(text) for text in texts]
    except BadInput:
        expected = None
    try:
        read = parse_floats(b"".join(text + b"\n" for text in texts)).tolist()
    except BadInput:
        read = None

    if expected is None or read is None:
        assert read is expected
    else:
        assert all(map(same, read, expected))
