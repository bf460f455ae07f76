"""Rankings of names and values, with their number of series."""

from __future__ import annotations

from appliance.model.labels import Labels
from appliance.store.label_index import LabelIndex
from appliance.store.metrics import cardinality

from .conftest import Bench


def index() -> LabelIndex:
    made = LabelIndex()
    for number, (name, host) in enumerate([("up", "a"), ("up", "b"), ("up", "c"), ("cpu", "a")]):
        made.add(number + 1, Labels.of({"__name__": name, "host": host * 10}).encode())
    return made


def test_the_largest_come_first_and_equals_by_name() -> None:
    found = cardinality.count(index(), limit=2, chunks=7, window=(1, 9))
    assert (found.series, found.label_pairs, found.chunks) == (4, 5, 7)
    assert (found.min_ms, found.max_ms) == (1, 9)
    assert found.series_by_name == [("up", 3), ("cpu", 1)]
    assert found.values_by_label == [("host", 3), ("__name__", 2)]
    assert found.bytes_by_label == [("host", 40), ("__name__", 9)]
    assert found.series_by_pair == [("__name__=up", 3), ("host=aaaaaaaaaa", 2)]


def test_nothing_stored() -> None:
    found = cardinality.count(LabelIndex(), limit=5, chunks=0, window=None)
    assert (found.series, found.min_ms, found.max_ms, found.series_by_name) == (0, None, None, [])


def test_a_store_knows_its_range(bench: Bench) -> None:
    assert bench.store.cardinality("nobody", 10).series == 0
    bench.scrape(5, {"x": 1.0})
    bench.store.seal(force=True)
    bench.scrape(9, {"x": 1.0, "y": 1.0})
    bench.push(("z", -3, 1.0), ("z", 7, 1.0))
    found = bench.store.cardinality("a", 10)
    assert (found.series, found.chunks, found.min_ms, found.max_ms) == (3, 3, -3, 9)
