"""Small blocks are joined, in pieces that grow; nothing is lost, the first written stays first."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.histogram import Histogram
from appliance.model.sample import ColumnExtras, box_histograms, unbox_histograms
from tests.store.metrics.conftest import Bench, name_of


@pytest.fixture
def small(large: Bench) -> Bench:
    """Blocks of up to 64 columns: those of up to 16 are small."""
    large.options["block_columns"] = 64
    large.reopen()
    return large


def blocks(bench: Bench) -> int:
    return bench.count("SELECT count(*) FROM block")


def push_round(bench: Bench, number: int, columns: int = 2) -> None:
    times = range(number * 10, number * 10 + columns)
    bench.push(*((name, time, float(time)) for name in "xy" for time in times))
    bench.store.seal(force=True)


def test_four_small_blocks_become_one(small: Bench) -> None:
    for number in range(3):
        push_round(small, number)
        assert blocks(small) == number + 1
    expected = small.read()
    push_round(small, 3)
    assert blocks(small) == 1
    assert small.store.stats().blocks == 1
    found = small.read()
    assert {time: v for time, v in found["x"].items() if time < 30} == expected["x"]
    assert sorted(found["y"]) == [0, 1, 10, 11, 20, 21, 30, 31]
    small.reopen()
    assert small.read() == found


def test_joined_blocks_wait_for_as_much_again(small: Bench) -> None:
    counts = []
    for number in range(32):
        push_round(small, number, columns=1)
        counts.append(blocks(small))
    assert max(counts) <= 8
    assert len(small.read()["x"]) == 32


def test_blocks_of_half_the_size_and_more_are_left(small: Bench) -> None:
    for number in range(6):
        times = range(number * 100, number * 100 + 40)
        small.push(*(("x", time, 1.0) for time in times))
        small.store.seal(force=True)
    assert blocks(small) == 6


def test_blocks_that_overlap_are_left(small: Bench) -> None:
    for _ in range(5):
        small.push(("x", 1, 1.0), ("x", 9, 1.0))
        small.store.seal(force=True)
    assert blocks(small) == 5
    assert small.read() == {"x": {1: 1.0, 9: 1.0}}


def test_first_written_holds_over_sets(small: Bench) -> None:
    """A block of another set, written between, has the same sample: it must stay the earlier."""
    push_round(small, 0)
    small.push(*((name, 31, -1.0) for name in "xyabcdefgh"))  # makes another set
    small.store.seal(force=True)
    for number in range(1, 5):
        push_round(small, number)
        small.store.seal(force=True)
    assert small.read()["x"][31] == -1.0
    assert len(small.read()["x"]) == 10


def test_histograms_go_along(small: Bench) -> None:
    ids = small.store.resolve("a", [name_of("h"), name_of("x")])
    for time in range(4):
        histogram = Histogram(1, float(time), 0.0)
        values = np.array([box_histograms(np.array([0]))[0], 1.0])
        extras = ColumnExtras([histogram])
        small.store.append_column("a", "g", time, ids, values, extras=extras).result(5)
        small.store.seal(force=True)
    assert blocks(small) == 1
    (group,) = small.groups()
    row = [labels.get("__name__") for labels in group.labels].index("h")
    indexes = unbox_histograms(group.values[row]).tolist()
    assert [group.histograms[index].count for index in indexes] == [0.0, 1.0, 2.0, 3.0]
