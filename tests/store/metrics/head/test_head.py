"""The head: of equal (series, time) the first written holds, wherever it went."""

from __future__ import annotations

import numpy as np

from appliance.model.sample import is_absent
from appliance.store.metrics.head.group import Column, GroupHead
from appliance.store.metrics.head.head import Head, drop_repeated
from appliance.store.metrics.head.loose import LooseBatch, LooseLog

ALL = np.arange(1, 10)


def column(time_ms: int, cells: dict[int, float]) -> Column:
    return Column(time_ms, np.array(list(cells)), np.array(list(cells.values())), time_ms, 1)


def loose(head: Head, log: LooseLog, *samples: tuple[int, int, float]) -> None:
    ids, times, values = zip(*samples, strict=True)
    head.append_loose(log, 1, LooseBatch(np.array(ids), np.array(times), np.array(values)))


def cells(head: Head) -> dict[tuple[str, int, int], float]:
    """(group, series, time) → value of all groups."""
    found = {}
    for part in head.snapshot(1, ALL).parts():
        name = next(g.name for g in head.groups.values() if g.view is part.view)
        for position, row in zip(part.positions, part.rows, strict=True):
            for at, time in enumerate(part.view.times):
                value = part.view.values[row, at : at + 1]
                if not is_absent(value)[0]:
                    found[name, int(ALL[position]), int(time)] = float(value[0])
    return found


def test_column_leaves_out_what_is_loose_already() -> None:
    head, group, log = Head(), GroupHead(1, 1, "x"), LooseLog(9, 1)
    loose(head, log, (2, 10, 0.5))
    head.append_column(group, column(10, {1: 1.0, 2: 2.0}))
    head.append_column(group, column(20, {1: 1.0, 2: 2.0}))
    assert cells(head) == {("x", 1, 10): 1.0, ("x", 1, 20): 1.0, ("x", 2, 20): 2.0}
    assert head.samples == 4


def test_column_leaves_out_what_another_group_has_already() -> None:
    head, x, y = Head(), GroupHead(1, 1, "x"), GroupHead(2, 1, "y")
    head.append_column(x, column(10, {1: 1.0}))
    head.append_column(y, column(10, {1: 2.0, 2: 2.0}))
    head.append_column(y, column(20, {1: 3.0}))
    head.append_column(x, column(20, {1: 4.0}))
    head.append_column(x, column(30, {1: 5.0}))
    assert cells(head) == {
        ("x", 1, 10): 1.0,
        ("y", 2, 10): 2.0,
        ("y", 1, 20): 3.0,
        ("x", 1, 30): 5.0,
    }


def test_shared_series_are_found_after_the_first_group_was_sealed() -> None:
    head, x, y = Head(), GroupHead(1, 1, "x"), GroupHead(2, 1, "y")
    head.append_column(x, column(10, {1: 1.0, 3: 1.0}))
    head.append_column(y, column(20, {1: 2.0, 2: 2.0}))
    head.drop_columns(x, 1, 2)
    assert cells(head) == {("y", 1, 20): 2.0, ("y", 2, 20): 2.0}
    head.append_column(x, column(20, {1: 9.0, 3: 3.0}))
    assert cells(head) == {("y", 1, 20): 2.0, ("y", 2, 20): 2.0, ("x", 3, 20): 3.0}
    head.drop_columns(y, 1, 2)
    assert cells(head) == {("x", 3, 20): 3.0}


def test_shared_series_stay_shared_when_some_columns_are_sealed() -> None:
    head, x, y = Head(), GroupHead(1, 1, "x"), GroupHead(2, 1, "y")
    head.append_column(x, column(10, {1: 1.0}))
    head.append_column(y, column(20, {3: 2.0, 1: 2.0}))
    head.append_column(y, column(30, {3: 3.0, 1: 3.0}))
    head.drop_columns(y, 1, 2)
    assert cells(head) == {("x", 1, 10): 1.0, ("y", 1, 30): 3.0, ("y", 3, 30): 3.0}


def test_snapshot_shows_what_was_there_when_it_was_taken() -> None:
    head, group = Head(), GroupHead(1, 1, "x")
    head.append_column(group, column(10, {1: 1.0}))
    early = head.snapshot(1, ALL)
    head.append_column(group, column(20, {1: 1.0, 2: 2.0}))
    head.drop_columns(group, 2, 3)
    (part,) = early.parts()
    assert part.view.values[part.rows].tolist() == [[1.0]]
    assert head.snapshot(1, ALL).parts() == []
    assert head.snapshot(2, ALL).parts() == []


def test_ids_beyond_what_the_head_knows_have_no_part() -> None:
    head, group = Head(), GroupHead(1, 1, "x")
    head.append_column(group, column(10, {1: 1.0}))
    (part,) = head.snapshot(1, np.array([1, 10**9])).parts()
    assert part.positions.tolist() == [0]


def test_repeated_loose_samples_are_those_a_group_has() -> None:
    head, group = Head(), GroupHead(1, 1, "x")
    head.append_column(group, column(10, {1: 1.0, 2: 1.0}))
    head.append_column(group, column(20, {1: 1.0}))
    parts = head.snapshot(1, np.array([1, 2, 3])).parts()
    positions, times = np.array([0, 0, 1, 1, 2]), np.array([10, 15, 10, 20, 10])
    assert drop_repeated(parts, positions, times).tolist() == [False, True, False, True, True]


def test_loose_series_are_told_from_others_after_a_drop() -> None:
    head, group, log = Head(), GroupHead(1, 1, "x"), LooseLog(9, 1)
    loose(head, log, (1, 10, 0.5), (2, 10, 0.5))
    loose(head, log, (2, 20, 0.5))
    head.drop_loose(log, 2)
    head.append_column(group, column(20, {1: 1.0, 2: 2.0}))
    assert cells(head) == {("x", 1, 20): 1.0}
