from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.model.sample import NORMAL_NAN_BITS
from appliance.wire.numbers import (
    format_timestamps,
    format_value,
    format_values,
    parse_float,
    parse_floats,
    print_float,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"12", 12.0),
        (b"+.5e1", 5.0),
        (b"5.", 5.0),
        (b"1e-400", 0.0),
        (b"0.1e+06", 100000.0),
        (b"+Inf", float("inf")),
        (b"-infinity", float("-inf")),
        (b"9007199254740993", 9007199254740992.0),
        (b"007", 7.0),
    ],
)
def test_parse_float_reads_what_go_reads(text: bytes, value: float) -> None:
    assert parse_float(text) == value
    assert parse_floats(text + b"\n").tolist() == [value]


@pytest.mark.parametrize(
    "text", [b"", b"1_0", b"0x1p3", b"0x10", b"+NaN", b" 1", b"1e", b".", b"1e400", b"null", b"[1]"]
)
def test_parse_float_refuses_what_prometheus_refuses(text: bytes) -> None:
    with pytest.raises(BadInput):
        parse_float(text)
    with pytest.raises(BadInput):
        parse_floats(b"1\n" + text + b"\n")


def test_every_nan_is_the_ordinary_one() -> None:
    values = parse_floats(b"NaN\n1\nnan\n")

    bits = values.view(np.uint64)
    assert bits[0] == bits[2] == NORMAL_NAN_BITS
    assert parse_floats(b"1\nNaN\n").view(np.uint64)[1] == NORMAL_NAN_BITS


def test_parse_floats_keeps_the_sign_of_zero() -> None:
    values = parse_floats(b"-0\n-0.0\n")

    assert np.signbit(values).tolist() == [True, True]


#: What a Prometheus 2.42 printed for these numbers in a vector, and for a scalar.
PRINTED = [
    (0.0, "0", "0"),
    (-0.0, "-0", "-0"),
    (5.0, "5", "5"),
    (0.35000000000000003, "0.35000000000000003", "0.35000000000000003"),
    (1e-6, "0.000001", "0.000001"),
    (1e-7, "1e-07", "0.0000001"),
    (1.25e-10, "1.25e-10", "0.000000000125"),
    (1e16, "10000000000000000", "10000000000000000"),
    (123456789012345680000.0, "123456789012345680000", "123456789012345680000"),
    (1e21, "1e+21", "1000000000000000000000"),
    (float("nan"), "NaN", "NaN"),
    (float("inf"), "+Inf", "+Inf"),
    (float("-inf"), "-Inf", "-Inf"),
]


@pytest.mark.parametrize(("value", "in_vector", "in_scalar"), PRINTED)
def test_numbers_are_printed_as_go_prints_them(
    value: float, in_vector: str, in_scalar: str
) -> None:
    assert format_value(value) == in_vector
    assert print_float(value) == in_scalar


def test_rows_are_printed_like_single_values() -> None:
    row = np.array([value for value, _, _ in PRINTED])

    assert format_values(row) == [text.encode() for _, text, _ in PRINTED]
    assert format_values(row[:0]) == []
    assert format_values(row[::2]) == format_values(np.ascontiguousarray(row[::2]))


def test_times_have_three_decimals_or_none() -> None:
    times = np.array([1500, 2000, -500, 1, 0, 1435781430781], dtype=np.int64)

    printed = format_timestamps(times)

    assert printed == [b"1.500", b"2", b"-0.500", b"0.001", b"0", b"1435781430.781"]
