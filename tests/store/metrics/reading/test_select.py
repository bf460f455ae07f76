"""Reading samples: ranges, matchers, limits, damage, the cache."""

from __future__ import annotations

import pytest

from appliance.base.errors import LimitExceeded, TimedOut
from appliance.model.matcher import Matcher, MatchOp
from tests.store.metrics.conftest import Bench, name_of


def named(value: str, op: MatchOp = MatchOp.EQUAL) -> Matcher:
    return Matcher("__name__", op, value)


def fill(bench: Bench, *, until: int = 20) -> None:
    """Three blocks, two columns in the head, a loose sample."""
    for time in range(until):
        bench.scrape(time, {"m": float(time), "n": -float(time)})
        bench.store.seal()
    bench.push(("loose", 7, 0.5))


def test_range_includes_both_ends(bench: Bench) -> None:
    fill(bench)
    for start, end in [(0, 0), (5, 6), (3, 15), (18, 19), (17, 30), (-5, 2)]:
        expected = {t: float(t) for t in range(max(start, 0), min(end, 19) + 1)}
        assert bench.read(named("m"), start=start, end=end) == {"m": expected}
    assert bench.groups(start=30, end=40) == []
    assert bench.groups(start=6, end=5) == []


def test_matchers_choose_series(bench: Bench) -> None:
    fill(bench)
    assert set(bench.read()) == {"m", "n", "loose"}
    assert set(bench.read(named("m|loose", MatchOp.REGEX))) == {"m", "loose"}
    assert set(
        bench.read(named("m", MatchOp.NOT_EQUAL), Matcher("job", MatchOp.EQUAL, "test"))
    ) == {
        "n",
        "loose",
    }
    assert bench.groups(named("nothing")) == []


def test_series_of_a_target_stay_one_group(bench: Bench) -> None:
    fill(bench)
    groups = bench.groups()
    assert sorted(len(group.labels) for group in groups) == [1, 2]
    together = next(group for group in groups if len(group.labels) == 2)
    assert together.timestamps_ms.tolist() == list(range(20))


def test_tenants_do_not_see_each_other(bench: Bench) -> None:
    bench.push(("m", 1, 1.0))
    bench.push(("m", 1, 2.0), tenant="b")
    assert bench.read() == {"m": {1: 1.0}}
    assert bench.read(tenant="b") == {"m": {1: 2.0}}
    assert bench.read(tenant="nobody") == {}
    source = bench.store.source("nobody")
    assert source.label_names((), 0, 10) == []
    assert source.series((), 0, 10) == []


def test_guard_stops_large_and_late_queries(bench: Bench) -> None:
    fill(bench)
    source = bench.store.source("a")
    guard = bench.guard(max_samples=41)
    list(source.select((), 0, 100, guard))
    assert guard.samples == 41
    with pytest.raises(LimitExceeded):
        list(source.select((), 0, 100, bench.guard(max_samples=40)))
    cancelled = bench.guard()
    cancelled.cancel()
    with pytest.raises(TimedOut):
        list(source.select((), 0, 100, cancelled))


def test_second_read_comes_from_the_cache(bench: Bench) -> None:
    fill(bench)
    first = bench.read()
    bench.store._database.write(lambda c: c.execute("UPDATE block SET data=x'00'")).result(5)
    assert bench.read() == first
    assert bench.metric("appliance_store_damaged_blocks_total") == 0


def test_damaged_block_is_skipped_told_and_counted_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    fill(bench)
    bench.reopen()
    bench.store._database.write(
        lambda c: c.execute("UPDATE block SET data=substr(data, 1, 40) WHERE min_ms=6")
    ).result(5)
    for _ in range(2):
        assert set(bench.read()["m"]) == {*range(6), *range(12, 20)}
    assert bench.metric("appliance_store_damaged_blocks_total") == 1
    (message,) = [r.getMessage() for r in caplog.records if "damaged" in r.getMessage()]
    assert "table block, id 2" in message


def test_few_rows_of_a_wide_block_are_read_alone(large: Bench) -> None:
    for time in range(5):
        large.scrape(time, {f"m{n:02}": float(n + time) for n in range(60)})
    large.store.seal(force=True)
    assert large.read(named("m07"), start=1, end=3) == {"m07": {1: 8.0, 2: 9.0, 3: 10.0}}
    assert large.read(named("m0[12]", MatchOp.REGEX)) == {
        "m01": {t: 1.0 + t for t in range(5)},
        "m02": {t: 2.0 + t for t in range(5)},
    }


def test_small_groups_with_equal_times_are_joined(bench: Bench) -> None:
    for time in (1, 2):
        bench.scrape(time, {f"m{n}": 1.0 for n in range(12)})
    bench.store.seal(force=True)  # three sets of four
    (group,) = bench.groups()
    assert len(group.labels) == 12


def test_labels_follow_the_range(bench: Bench) -> None:
    fill(bench)
    bench.push(("late", 1000, 1.0))
    source = bench.store.source("a")
    assert source.label_names((), 0, 2000) == ["__name__", "job"]
    assert source.label_values("__name__", (), 0, 2000) == ["late", "loose", "m", "n"]
    assert source.label_values("__name__", (), 500, 2000) == ["late"]
    assert source.label_values("__name__", (), 19, 19) == ["m", "n"]
    assert source.label_values("__name__", (), 2, 3) == ["m", "n"]
    assert source.label_names((), 3000, 4000) == []
    assert source.series(((named("m"),), (named("loose"),)), 0, 20) == [
        name_of("loose"),
        name_of("m"),
    ]
