"""Tests of appliance/promql/annotations.py and go_format.py."""

from __future__ import annotations

import math

import pytest

import appliance.promql.annotations as said
from appliance.promql.annotations import HistogramOperation, Remarks
from appliance.promql.go_format import general, rfc3339


def test_a_remark_keeps_its_first_position() -> None:
    remarks = Remarks("sum(\n  rate(x[5m]))")
    said.info_possible_non_counter(remarks, 12, "x")
    said.info_possible_non_counter(remarks, 3, "x")
    (found,) = remarks.annotations().infos
    assert found == (
        "PromQL info: metric might not be a counter, name does not end in"
        ' _total/_sum/_count/_bucket: "x" (2:8)'
    )


def test_without_a_query_no_positions_are_shown() -> None:
    remarks = Remarks("")
    said.warn_invalid_ratio(remarks, 3, 1.1, used=1.0)
    assert remarks.annotations().warnings == (
        "PromQL warning: ratio value should be between -1 and 1, got 1.1, capping to 1",
    )


def test_more_than_ten_are_counted() -> None:
    remarks = Remarks("x")
    for number in range(13):
        said.warn_not_gauge(remarks, 0, f"m{number}")
    found = remarks.annotations().warnings
    assert len(found) == 11
    assert found[-1] == "3 more warning annotations omitted"


def test_forced_monotonicity_adds_up() -> None:
    remarks = Remarks("histogram_quantile(0.5, x)")
    for time_ms, buckets, difference in [(60_000, (0.1, 1.0), 0.5), (1_500, (0.25, 1e6), 2.25)]:
        said.info_forced_monotonicity(
            remarks, 24, "x", time_ms=time_ms, buckets=buckets, difference=difference
        )
    (found,) = remarks.annotations().infos
    assert found.endswith(
        ' for metric name "x", from buckets 0.1 to 1e+06, with a max diff of 2.2, over 2 samples'
        " from 1970-01-01T00:00:01Z to 1970-01-01T00:01:00Z (1:25)"
    )


def test_operations_are_named() -> None:
    remarks = Remarks("")
    said.warn_reset_collision(remarks, None, HistogramOperation.SUBTRACTION)
    said.info_mismatched_bounds(remarks, None, HistogramOperation.AGGREGATION)
    found = remarks.annotations()
    assert found.warnings[0].endswith("conflicting counter resets during histogram subtraction")
    assert found.infos[0].endswith("custom buckets were reconciled during aggregation")


@pytest.mark.parametrize(
    ("value", "precision", "text"),
    [
        (1.0, None, "1"),
        (0.1, None, "0.1"),
        (-1.5, None, "-1.5"),
        (100000.0, None, "100000"),
        (1e6, None, "1e+06"),
        (999999.5, None, "999999.5"),
        (1234567.0, None, "1.234567e+06"),
        (0.0001, None, "0.0001"),
        (0.00001, None, "1e-05"),
        (1e100, None, "1e+100"),
        (-0.0, None, "-0"),
        (math.nan, None, "NaN"),
        (math.inf, None, "+Inf"),
        (-math.inf, None, "-Inf"),
        (0.123456, 2, "0.12"),
        (123.0, 2, "1.2e+02"),
        (10.0, 2, "10"),
        (1e-9, 2, "1e-09"),
    ],
)
def test_numbers_read_as_in_go(value: float, precision: int | None, text: str) -> None:
    assert general(value, precision) == text


def test_times_before_1970_are_cut_towards_it() -> None:
    assert rfc3339(-1_500) == "1969-12-31T23:59:59Z"
