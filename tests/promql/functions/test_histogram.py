# ruff: noqa: E501 - queries and remarks stand in one piece
from __future__ import annotations

import math

import numpy as np
import pytest

from appliance.base.errors import QueryFailed
from appliance.model.value import Matrix, QueryResult, Vector
from appliance.promql.context import ALL_FEATURES, DELAYED_NAME_REMOVAL
from tests.promql.memory_source import MemorySource, loaded, query

SOURCE = """
    load 1m
        classic_bucket{job="a",le="1"}     2+2x10
        classic_bucket{job="a",le="2"}     6+6x10
        classic_bucket{job="a",le="+Inf"}  8+8x10
        classic_bucket{job="b",le="1"}     1x10
        classic_bucket{job="b",le="+Inf"}  1x10
        native{job="a"}  {{count:10 sum:20 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[4 4]}}x10
        nans             {{count:8 sum:nan buckets:[2 2]}}x10
        fallen_bucket{le="1"}     5x10
        fallen_bucket{le="2"}     3x10
        fallen_bucket{le="+Inf"}  8x10
        wrong_bucket{le="1"}      5x10
        wrong_bucket{le="x"}      5x10
        wrong_bucket{le="+Inf"}   5x10
        mixed{le="1"}     1x10
        mixed{le="+Inf"}  2x10
        mixed             {{count:1 buckets:[1]}}x10
        plain             7x10
"""


@pytest.fixture(scope="module")
def source() -> MemorySource:
    return loaded(SOURCE)


def _values(result: QueryResult) -> dict[tuple[tuple[str, str], ...], float]:
    assert isinstance(result.value, Vector)
    return dict(zip(map(tuple, result.value.labels), result.value.values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("histogram_count(native)", 10),
        ("histogram_sum(native)", 20),
        ("histogram_avg(native)", 2),
        ("histogram_stdvar(native)", (2 * 4 + 4 * (2**0.5 - 2) ** 2 + 4 * (8**0.5 - 2) ** 2) / 10),
        ("histogram_stddev(native) ^ 2 - histogram_stdvar(native)", 0),
        ("histogram_quantile(0.8, native)", 8**0.5),
        ("histogram_fraction(1, 2, native)", 0.4),
    ],
)
def test_functions_of_native_histograms(
    source: MemorySource, expression: str, value: float
) -> None:
    (found,) = _values(query(expression, source, "5m")).values()
    assert found == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("name", ["count", "sum", "avg", "stddev", "stdvar"])
def test_floats_are_left_out(source: MemorySource, name: str) -> None:
    assert _values(query(f"histogram_{name}(plain)", source, "5m")) == {}


def test_classic_histograms_lose_le_and_name(source: MemorySource) -> None:
    found = query("histogram_quantile(0.5, classic_bucket)", source, "5m")
    assert _values(found) == {(("job", "a"),): 1.5, (("job", "b"),): 0.5}
    found = query("histogram_fraction(0, 1, classic_bucket)", source, "5m")
    assert _values(found) == {(("job", "a"),): 0.25, (("job", "b"),): 1.0}


def test_a_range_query_gives_every_step(source: MemorySource) -> None:
    found = query(
        'histogram_quantile(0.5, rate(classic_bucket{job="a"}[2m]))', source, ("2m", "8m", "1m")
    )
    assert isinstance(found.value, Matrix)
    ((_, times, values),) = found.value.series
    assert len(times) == 7
    assert values == pytest.approx(np.full(7, 1.5))


def test_parts_may_change_from_step_to_step(source: MemorySource) -> None:
    found = query(
        'histogram_quantile(time() / 240, classic_bucket{job="a"})',
        source,
        ("0", "2m", "2m"),
    )
    assert isinstance(found.value, Matrix)
    assert found.value.series[0][2].tolist() == [0, 1.5]


def test_several_quantiles_have_a_label(source: MemorySource) -> None:
    found = query('histogram_quantiles(classic_bucket{job="b"}, "q", 0, 0.5, 1)', source, "5m")
    assert _values(found) == {
        (("job", "b"), ("q", "0.0")): 0,
        (("job", "b"), ("q", "0.5")): 0.5,
        (("job", "b"), ("q", "1.0")): 1,
    }
    with pytest.raises(QueryFailed, match="same labelset"):
        query('histogram_quantiles(native, "q", 0.5, 0.5)', source, "5m")


@pytest.mark.parametrize(
    ("expression", "remark"),
    [
        (
            "histogram_quantile(1.5, native)",
            "PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:20)",
        ),
        (
            'histogram_quantiles(native, "q", NaN)',
            "PromQL warning: quantile value should be between 0 and 1, got NaN (1:34)",
        ),
        (
            "histogram_quantile(0.5, wrong_bucket)",
            'PromQL warning: bucket label "le" is missing or has a malformed value of "x" for metric name "wrong_bucket" (1:25)',
        ),
        (
            "histogram_fraction(0, 1, plain)",
            'PromQL warning: bucket label "le" is missing or has a malformed value of "" for metric name "plain" (1:26)',
        ),
        (
            "histogram_quantile(0.5, mixed)",
            'PromQL warning: vector contains a mix of classic and native histograms for metric name "mixed" (1:25)',
        ),
        (
            "histogram_quantile(0.1, nans)",
            'PromQL info: input to histogram_quantile has NaN observations, result is skewed higher for metric name "nans" (1:20)',
        ),
        (
            "histogram_quantile(0.9, nans)",
            'PromQL info: input to histogram_quantile has NaN observations, result is NaN for metric name "nans" (1:20)',
        ),
        (
            "histogram_fraction(0, 1, nans)",
            'PromQL info: input to histogram_fraction has NaN observations, which are excluded from all fractions for metric name "nans" (1:20)',
        ),
        (
            "histogram_quantile(0.5, fallen_bucket)",
            'PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "fallen_bucket", from buckets 2 to 2, with a max diff of 2, over 1 samples from 1970-01-01T00:05:00Z to 1970-01-01T00:05:00Z (1:25)',
        ),
    ],
)
def test_remarks(source: MemorySource, expression: str, remark: str) -> None:
    found = query(expression, source, "5m").annotations
    assert found.warnings + found.infos == (remark,)


def test_repairs_of_many_steps_are_one_remark(source: MemorySource) -> None:
    found = query("histogram_quantile(0.5, fallen_bucket)", source, ("0", "4m", "1m"))
    (remark,) = found.annotations.infos
    assert "over 5 samples from 1970-01-01T00:00:00Z to 1970-01-01T00:04:00Z" in remark


def test_mixed_histograms_give_nothing(source: MemorySource) -> None:
    assert _values(query("histogram_quantile(0.5, mixed)", source, "5m")) == {}


def test_classic_and_native_results_go_together(source: MemorySource) -> None:
    both = query(
        'histogram_quantile(0.4, native) or histogram_quantile(0.5, classic_bucket{job="b"})',
        source,
        "5m",
    )
    assert _values(both) == {(("job", "a"),): pytest.approx(2**0.5), (("job", "b"),): 0.5}


def test_remarks_have_no_name_when_names_go_at_once(source: MemorySource) -> None:
    features = ALL_FEATURES - {DELAYED_NAME_REMOVAL}
    found = query("histogram_quantile(0.5, wrong_bucket)", source, "5m", features=features)
    assert found.annotations.warnings == (
        'PromQL warning: bucket label "le" is missing or has a malformed value of "x" (1:25)',
    )
    assert math.isfinite(next(iter(_values(found).values())))
