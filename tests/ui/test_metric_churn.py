from __future__ import annotations

from appliance.model.labels import Labels
from appliance.ui.metric_churn import churn


def series(name: str, **labels: str) -> Labels:
    return Labels.of({"__name__": name, **labels})


def test_what_came_and_went() -> None:
    before = [series("up", job="a"), series("x", pod="1")]
    now = [series("up", job="a"), *(series("x", pod=str(n)) for n in range(2, 5))]
    found = churn(before, now, 10)
    assert (found.active, found.added, found.gone) == (4, 3, 1)
    assert found.growing == [("x", 2)]
    assert found.targets == [("", "", 3), ("a", "", 1)]


def test_replaced_series_are_no_growth() -> None:
    found = churn([series("x", pod="1")], [series("x", pod="2")], 10)
    assert (found.added, found.gone, found.growing) == (1, 1, [])


def test_nothing_to_compare_with() -> None:
    found = churn([], [series("x"), series("y", job="a", instance="b")], 1)
    assert not found.has_before
    assert found.growing == []
    assert found.targets == [("", "", 1)]
