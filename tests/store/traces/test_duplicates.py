"""Exact duplicates of spans."""

from __future__ import annotations

from typing import Any

import numpy as np

from appliance.store.traces.duplicates import repeated_rows, sorted_rows
from appliance.store.traces.table import concat, pack


def kept(tables: list[Any]) -> list[int]:
    table = concat(tables)
    return [int(number) for number in sorted_rows(table.columns, table.span)]


def test_a_request_sent_twice_counts_once(build: Any) -> None:
    spans = [build.span(2, 1), build.span(1, 2), build.span(1, 1)]
    table = pack(build.batch(spans))
    assert kept([table, table, table]) == [2, 1, 0]


def test_what_differs_in_anything_is_kept(build: Any) -> None:
    one = build.span(1, 1)
    others = [
        build.span(1, 1, kind=3),
        build.span(1, 1, duration_ns=7),
        build.span(1, 1, attributes={"k": 1}),
        build.span(1, 1, name="other"),
        build.span(2, 1),
        build.span(1, 2, start_ns=one.start_time_unix_nano),
    ]
    tables = [pack(build.batch([one, *others])), pack(build.batch([one], service="other"))]
    assert len(kept(tables)) == 8
    assert len(kept([*tables, *tables])) == 8


def test_only_rows_with_equal_keys_are_looked_at() -> None:
    seen: list[list[int]] = []

    def identify(rows: np.ndarray) -> list[str]:
        seen.append(rows.tolist())
        return ["a", "b", "a", "b"]

    keys = np.array([5, 9, 5, 1, 5, 5], np.uint64)
    assert repeated_rows(keys, identify).tolist() == [4, 5]
    assert seen == [[0, 2, 4, 5]]
    assert repeated_rows(np.arange(5, dtype=np.uint64), identify).tolist() == []
    assert len(seen) == 1
