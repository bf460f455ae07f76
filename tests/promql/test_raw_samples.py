"""Range vectors as results."""

from __future__ import annotations

import pytest

from appliance.base.errors import QueryFailed
from appliance.model.value import Matrix
from tests.promql.memory_source import MemorySource, loaded, query

DATA = loaded("load 1m\n x 0 10 20 _ 40 60\n h {{count:1 sum:1}}x5")


def samples(text: str, at: str, source: MemorySource = DATA) -> list[list[tuple[float, float]]]:
    found = query(text, source, at).value
    assert isinstance(found, Matrix)
    return [
        [
            (time / 60_000, value)
            for time, value in zip(times.tolist(), values.tolist(), strict=True)
        ]
        for _, times, values in found.series
    ]


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("x[2m]", "2m", [(1, 10), (2, 20)]),
        ("x[2m] anchored", "150", [(0.5, 0), (1, 10), (2, 20), (2.5, 20)]),
        ("x[2m] anchored", "2m", [(0, 0), (1, 10), (2, 20)]),
        ("x[5m] anchored", "2m", [(-3, 0), (0, 0), (1, 10), (2, 20)]),
        ("x[2m] smoothed", "150", [(0.5, 5), (1, 10), (2, 20), (2.5, 25)]),
        ("x[1m] smoothed", "210", [(2.5, 25), (3.5, 35)]),
        ("x[2m] smoothed", "6m", [(4, 40), (5, 60), (6, 60)]),
    ],
)
def test_ranges_may_reach_their_ends(
    text: str, at: str, expected: list[tuple[float, float]]
) -> None:
    assert samples(text, at) == [expected]


def test_ends_are_computed_in_the_order_of_prometheus() -> None:
    source = loaded("load 1m\n x 0 _ _ _ _ _ _ 3")
    assert samples("x[1m] smoothed", "3m", source) == [[(2, 3 * 2 / 7), (3, 3 * 3 / 7)]]


def test_nothing_within_reach() -> None:
    assert samples("x[1m] anchored", "8m") == []
    assert samples("x[1m] anchored", "20m") == []


def test_extended_histograms_are_refused() -> None:
    with pytest.raises(QueryFailed, match="^smoothed modifier is not supported with histograms$"):
        query("h[2m] smoothed", DATA, "3m")


def test_series_that_become_equal_are_put_together() -> None:
    source = loaded("""
        load 1m
            one{a="b"} 1 stale
            two{a="b"} _ _ 3 {{count:1 sum:1}}
    """)
    text = '-{a="b"}'
    found = query(f"({text})[5m:1m]", source, "3m").value
    assert isinstance(found, Matrix)
    assert [(dict(item), values.tolist()) for item, _, values in found.series] == [
        ({"a": "b"}, [-1, -3])
    ]
    assert found.histograms is not None
    assert found.histograms[0] is not None
    assert found.histograms[0][0].tolist() == [180_000]
    clash = loaded('load 1m\n one{a="b"} 1\n two{a="b"} 1')
    with pytest.raises(QueryFailed, match="vector cannot contain metrics with the same labelset"):
        query(f"({text})[5m:1m]", clash, "1m")
