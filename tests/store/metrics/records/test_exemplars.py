"""Exemplars: bounded, each once, found by series and time, back after a restart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from appliance.model.exemplar import Exemplar
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.sample import ColumnExtras, SampleBatch
from appliance.store.retention import Retention, RetentionRule
from tests.store.metrics.conftest import EARLIEST, LATEST, Bench, name_of


def exemplar(time: int, trace: str = "t", value: float = 1.0) -> Exemplar:
    return Exemplar(Labels.of({"trace_id": trace}), value, time)


def push(bench: Bench, name: str, *items: Exemplar) -> None:
    none = np.empty(0, dtype=np.int64)
    numbered = [(0, item) for item in items]
    batch = SampleBatch([name_of(name)], none, none, np.empty(0), exemplars=numbered)
    bench.store.append("a", batch).result(5)


def read(
    bench: Bench, *names: str, start: int = EARLIEST, end: int = LATEST
) -> dict[str, list[int]]:
    matchers = [(Matcher("__name__", MatchOp.EQUAL, name),) for name in names]
    found = bench.store.source("a").exemplars(matchers, start, end)
    return {
        item.labels.get("__name__"): [each.timestamp_ms for each in item.exemplars]
        for item in found
    }


def test_exemplars_are_found_by_series_and_time(bench: Bench) -> None:
    push(bench, "y", exemplar(5), exemplar(3))
    ids = bench.store.resolve("a", [name_of("x"), name_of("z")])
    extras = ColumnExtras(exemplars=[(1, exemplar(7))])
    bench.store.append_column("a", "g", 7, ids, np.array([1.0, 2.0]), extras=extras).result(5)
    for _ in range(2):
        assert read(bench) == {"y": [3, 5], "z": [7]}
        assert read(bench, "y", "x") == {"y": [3, 5]}
        assert read(bench, start=4, end=5) == {"y": [5]}
        bench.reopen()


def test_values_come_back_bit_for_bit(bench: Bench) -> None:
    values = [math.nan, -0.0, math.inf, 0.1]
    push(bench, "x", *(exemplar(time, value=value) for time, value in enumerate(values)))
    (found,) = bench.store.source("a").exemplars([], EARLIEST, LATEST)
    assert str([item.value for item in found.exemplars]) == str(values)
    assert found.exemplars[0].labels == Labels.of({"trace_id": "t"})


def test_the_same_one_is_kept_once(bench: Bench) -> None:
    push(bench, "x", exemplar(1), exemplar(1))
    push(bench, "x", exemplar(1), exemplar(1, trace="other"))
    assert read(bench) == {"x": [1, 1]}


def test_the_oldest_to_come_go_first(bench: Bench) -> None:
    bench.options["max_exemplars"] = 64
    bench.reopen()
    for time in range(200):
        push(bench, "x", exemplar(1000 - time))
        assert bench.count("SELECT count(*) FROM exemplar") <= 64
    times = read(bench)["x"]
    assert times == list(range(801, 801 + len(times)))
    assert len(times) >= 60
    push(bench, "x", *(exemplar(time) for time in range(100)))
    assert read(bench)["x"] == list(range(36, 100))


def test_none_are_kept_when_the_limit_is_zero(bench: Bench) -> None:
    bench.options["max_exemplars"] = 0
    bench.reopen()
    push(bench, "x", exemplar(1))
    assert read(bench) == {}


def test_many_series_are_read_in_one_pass(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.store.metrics.records.exemplars._MOST_LOOKUPS", 1)
    for name in "xyz":
        push(bench, name, exemplar(4), exemplar(2))
    assert read(bench, "x", "z") == {"x": [2, 4], "z": [2, 4]}


async def test_retention_deletes_old_ones_and_those_of_forgotten_series(bench: Bench) -> None:
    now = bench.clock.now_ms()
    push(bench, "x", exemplar(now - 5000), exemplar(now))
    bench.store.retain(Retention((RetentionRule(1000),)))
    assert read(bench) == {"x": [now]}
    await bench.clock.advance(16 * 60)
    bench.store.retain(Retention((RetentionRule(1 << 40),)))
    assert bench.count("SELECT count(*) FROM exemplar") == 0
