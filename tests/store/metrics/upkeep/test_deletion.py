"""Deleted samples are gone at once and for good, others stay, series without any are not listed."""

from __future__ import annotations

import threading

import pytest

from appliance.base.errors import Unavailable
from appliance.model.matcher import Matcher, MatchOp
from appliance.store.metrics.upkeep.deletion import Eraser
from tests.store.metrics.conftest import EARLIEST, LATEST, Bench


def named(*names: str) -> list[tuple[Matcher, ...]]:
    return [(Matcher("__name__", MatchOp.EQUAL, name),) for name in names]


def fill(bench: Bench, columns: int = 8) -> None:
    for time in range(columns):
        bench.scrape(time, {"x": float(time), "y": 2.0, "z": 3.0})
    bench.push(("p", 3, 1.0), ("p", 99, 1.0))


@pytest.mark.parametrize("is_sealed", [True, False])
def test_samples_in_the_range_go(bench: Bench, is_sealed: bool) -> None:  # noqa: FBT001
    fill(bench)
    if is_sealed:
        bench.store.seal(force=True)
        bench.read()  # into the cache
    assert bench.store.delete("a", named("x", "p"), 2, 5) == 4 + 1
    for _ in range(2):
        found = bench.read()
        assert sorted(found["x"]) == [0, 1, 6, 7]
        assert sorted(found["p"]) == [99]
        assert len(found["y"]) == len(found["z"]) == 8
        assert bench.store.delete("a", named("x", "p"), 2, 5) == 0
        bench.reopen()


def test_series_that_lose_all_are_not_listed(bench: Bench) -> None:
    fill(bench)
    assert bench.store.delete("a", named("y"), EARLIEST, LATEST) == 8
    source = bench.store.source("a")
    assert source.label_values("__name__", [], EARLIEST, LATEST) == ["p", "x", "z"]
    assert [labels.get("__name__") for labels in source.series(named("y"), 0, 9)] == []
    bench.scrape(3, {"y": 5.0}, group="again")
    assert bench.read()["y"] == {3: 5.0}


def test_everything_of_a_block_goes_with_the_block(bench: Bench) -> None:
    fill(bench)
    bench.store.delete("a", [()], EARLIEST, LATEST)
    assert bench.read() == {}
    assert bench.count("SELECT count(*) FROM block") == 0
    assert bench.count("SELECT count(*) FROM series_set") == 0
    assert bench.store.stats().blocks == 0


def test_other_tenants_and_unknown_ones_are_left_alone(bench: Bench) -> None:
    bench.push(("x", 1, 1.0), tenant="b")
    bench.push(("x", 1, 1.0))
    assert bench.store.delete("nobody", named("x"), 0, 9) == 0
    assert bench.store.delete("a", [], 0, 9) == 0
    assert bench.store.delete("a", named("x"), 0, 9) == 1
    assert bench.read(tenant="b") == {"x": {1: 1.0}}


def test_what_failed_is_done_by_the_next_call(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.store.metrics.upkeep.deletion._STEP", 1)
    fill(bench, columns=18)
    bench.store.seal(force=True)
    replace, calls = bench.store._eraser._rewriter.replace, []

    def fail_later(work: object) -> None:
        calls.append(work)
        if len(calls) > 1:
            raise Unavailable("no room")
        replace(work)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.store._eraser._rewriter, "replace", fail_later)
    with pytest.raises(Unavailable):
        bench.store.delete("a", named("x"), EARLIEST, LATEST)
    assert 0 < len(bench.read()["x"]) < 18, "one transaction is done"
    bench.reopen()
    bench.store.delete("a", named("x"), EARLIEST, LATEST)
    assert "x" not in bench.read()
    assert len(bench.read()["y"]) == 18


def test_queries_that_run_meanwhile_see_all_or_nothing(large: Bench) -> None:
    for time in range(40):
        large.scrape(time, {"x": 1.0, "y": 1.0})
    large.store.seal(force=True)
    lengths, stop = set(), threading.Event()

    def query() -> None:
        while not stop.is_set():
            lengths.add(len(large.read().get("x", {})))

    thread = threading.Thread(target=query)
    thread.start()
    large.store.delete("a", named("x"), EARLIEST, LATEST)
    stop.set()
    thread.join()
    assert lengths <= {0, 40}
    assert "x" not in large.read()
    assert isinstance(large.store._eraser, Eraser)
