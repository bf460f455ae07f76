"""Runs of parts of the head: the end of a growing head is merged, not all of it."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.log import PlainLines
from appliance.store.logs.entries import Entries
from appliance.store.logs.reading.runs import runs_of

KIB = 1 << 10


def part(size: int, first: int, last: int | None = None) -> Entries:
    """Two lines of `size` bytes together."""
    half = size // 2 - 1
    lines = PlainLines.of([b"x" * half, b"x" * half])
    times = np.array([first, first if last is None else last])
    return Entries(times, lines.text, lines.offsets)


@pytest.mark.parametrize(
    ("sizes", "runs"),
    [
        ([], []),
        ([1], [[1]]),
        ([1, 1, 1], [[1, 1, 1]]),
        ([200, 200], [[200], [200]]),
        ([200, 3], [[200], [3]]),
        ([200, 60, 20, 6], [[200], [60], [20], [6]]),
        ([200, 20, 60, 100, 40, 5], [[200], [20, 60, 100], [40], [5]]),
        ([200, 10, 5, 5], [[200], [10, 5, 5]]),
        ([3, 200, 3], [[3, 200], [3]]),
    ],
)
def test_parts_are_merged_once_newer_ones_have_grown(
    sizes: list[int], runs: list[list[int]]
) -> None:
    parts = [part(size * KIB, at) for at, size in enumerate(sizes)]
    found = runs_of(parts)
    assert [one for run in found for one in run] == parts
    assert [[len(one.text) // KIB for one in run] for run in found] == runs


def test_runs_that_overlap_in_time_are_merged() -> None:
    parts = [part(200 * KIB, at) for at in (10, 20, 30)] + [part(200 * KIB, 15)]
    assert list(map(len, runs_of(parts))) == [1, 3]


def test_a_run_may_begin_where_the_one_before_it_ends() -> None:
    parts = [part(200 * KIB, 10, 20), part(200 * KIB, 20, 30)]
    assert list(map(len, runs_of(parts))) == [1, 1]


def test_a_merged_head_is_not_merged_again() -> None:
    parts = [part(200 * KIB, 1), part(60 * KIB, 2), part(2 * KIB, 3)]
    merged = [run[0] for run in runs_of(parts) if len(run) == 1]
    assert list(map(len, runs_of(merged))) == [1] * len(merged)
