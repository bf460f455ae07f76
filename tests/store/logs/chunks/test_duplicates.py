"""Exact duplicates: same time and same line; found whatever makes lines look alike."""

from __future__ import annotations

import random

import numpy as np
import pytest

from appliance.model.log import PlainLines
from appliance.store.logs.chunks.duplicates import find_common, find_repeats


def repeats(items: list[tuple[int, bytes]]) -> list[int]:
    items = sorted(items, key=lambda item: item[0])
    times = np.array([time for time, _ in items], dtype=np.int64)
    found = find_repeats(times, PlainLines.of([line for _, line in items]))
    return [] if found is None else found.tolist()


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([(1, b"a")], []),
        ([(1, b"a"), (2, b"a")], []),
        ([(1, b"a"), (1, b"b")], []),
        ([(1, b"a"), (1, b"a")], [1]),
        ([(1, b"a"), (1, b"b"), (1, b"a"), (1, b"b"), (2, b"a")], [2, 3]),
        ([(1, b""), (1, b""), (1, b"\n")], [1]),
        ([(1, b"a\n"), (1, b"a")], []),
        ([(-(1 << 63), b"x"), (-(1 << 63), b"x"), ((1 << 63) - 1, b"x")], [1]),
    ],
)
def test_the_first_of_equals_stays(items: list[tuple[int, bytes]], expected: list[int]) -> None:
    assert repeats(items) == expected


def test_lines_with_equal_fingerprints_are_compared() -> None:
    """Long lines that differ in one byte that no fingerprint looks at."""
    line = bytearray(b"x" * 1000)
    lines = []
    for place in range(20, 900, 20):
        line[place] ^= 1
        lines.append((5, bytes(line)))
        line[place] ^= 1
    assert repeats(lines) == []
    assert repeats([*lines, lines[7]]) == [len(lines)]


def test_random_lines_against_a_set() -> None:
    rnd = random.Random(1)
    items = [
        (rnd.randint(0, 50), bytes(rnd.choices(b"ab", k=rnd.randint(0, 12)))) for _ in range(3000)
    ]
    items.sort(key=lambda item: item[0])
    first: dict[tuple[int, bytes], int] = {}
    for row, item in enumerate(items):
        first.setdefault(item, row)
    assert repeats(items) == sorted(set(range(len(items))) - set(first.values()))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1, 3, 5], [2, 4], ([], [])),
        ([1, 3, 3, 5], [0, 3, 5, 5, 9], ([1, 2, 3], [1, 2, 3])),
        ([], [1], ([], [])),
        ([7], [7], ([0], [0])),
        ([9], [1, 2], ([], [])),
    ],
)
def test_common_times(
    one: list[int], other: list[int], expected: tuple[list[int], list[int]]
) -> None:
    found = find_common(np.array(one, dtype=np.int64), np.array(other, dtype=np.int64))
    assert tuple(rows.tolist() for rows in found) == expected
