"""The table of cumulative series."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.ingest.span_metrics.groups import Observed
from appliance.ingest.span_metrics.series import Added, Key, SeriesTable, Shape
from appliance.model.exemplar import Exemplar
from appliance.model.labels import Labels

SHAPE = Shape(("calls_total",), ("latency",), (0.5, 1.0))
WIDTH = SHAPE.width


def key(name: str) -> Key:
    return (("service", name),)


def added(**values: float) -> Added:
    keys = [key(name) for name in values]
    return Added(SHAPE, keys, np.repeat([[value] for value in values.values()], WIDTH, axis=1))


def shown(table: SeriesTable, *, only_new: bool = False) -> dict[str, float]:
    found = table.collect(only_new=only_new)
    return {
        labels.get("service"): value
        for labels, value in zip(found.labels, found.values.tolist(), strict=True)
        if labels.get("__name__") == "calls_total"
    }


def test_the_rows_of_a_block_are_named() -> None:
    labels = SHAPE.labels(key("a"))
    assert len(labels) == WIDTH == 6
    assert [(one.get("__name__"), one.get("le")) for one in labels] == [
        ("calls_total", ""),
        ("latency_sum", ""),
        ("latency_count", ""),
        ("latency_bucket", "0.5"),
        ("latency_bucket", "1"),
        ("latency_bucket", "+Inf"),
    ]
    assert labels[SHAPE.first_bucket(0)].get("le") == "0.5"


def test_values_add_up_and_new_series_are_told_once() -> None:
    table = SeriesTable(1000)
    table.add(added(a=1, b=2), 0)
    assert table.has_new
    assert shown(table, only_new=True) == {"a": 1, "b": 2}
    table.add(added(b=3, c=4), 0)
    assert shown(table, only_new=True) == {"c": 4}
    assert not table.has_new
    assert shown(table) == {"a": 1, "b": 5, "c": 4}


def test_over_the_limit_new_blocks_are_refused_and_known_ones_grow() -> None:
    table = SeriesTable(2 * WIDTH)
    assert table.add(added(a=1, b=1, c=1), 0) == 1
    assert table.add(added(a=1, d=1), 0) == 1
    assert shown(table) == {"a": 2, "b": 1}


def test_an_exemplar_is_told_once() -> None:
    table = SeriesTable(1000)
    bucket = np.array([SHAPE.first_bucket(0)])
    trace = np.full((1, 16), 0xAB, np.uint8)
    observed = Observed(np.array([1]), bucket, np.array([0.2]), trace)
    table.add(Added(SHAPE, [key("a"), key("b")], np.ones((2, WIDTH)), [observed]), 5)
    found = table.collect()
    ((place, exemplar),) = found.exemplars
    assert (found.labels[place].get("service"), found.labels[place].get("le")) == ("b", "0.5")
    assert exemplar == Exemplar(Labels([("traceID", "ab" * 16)]), 0.2, 5)
    assert table.collect().exemplars == []


def test_an_exemplar_of_a_refused_block_is_left_out() -> None:
    table = SeriesTable(WIDTH)
    bucket = np.array([SHAPE.first_bucket(0)])
    observed = Observed(np.array([1]), bucket, np.array([0.2]), np.zeros((1, 16), np.uint8))
    table.add(Added(SHAPE, [key("a"), key("b")], np.ones((2, WIDTH)), [observed]), 5)
    assert table.collect().exemplars == []


Steps = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(1, 9), st.booleans()), min_size=1, max_size=30
)


@given(Steps)
def test_forgetting_leaves_the_others_as_they_are(steps: list[tuple[str, int, bool]]) -> None:
    table = SeriesTable(10_000)
    model: dict[str, float] = {}
    touched: dict[str, int] = {}
    for now, (name, value, forgets) in enumerate(steps):
        table.add(added(**{name: value}), now)
        model[name] = model.get(name, 0) + value
        touched[name] = now
        assert shown(table) == model
        if forgets:
            gone = {one.get("service") for one in table.forget(now - 2)}
            old = {name for name, at in touched.items() if at < now - 2}
            assert gone == old
            for one in old:
                del model[one], touched[one]
            assert shown(table) == model
            assert len(table) == len(model) * WIDTH
