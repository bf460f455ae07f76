"""A group's matrix: columns and rows grow, views stay as they were."""

from __future__ import annotations

import numpy as np

from appliance.model.sample import ABSENT, is_absent
from appliance.store.metrics.head.group import Column, GroupHead


def add(group: GroupHead, time_ms: int, cells: dict[int, float]) -> None:
    ids = np.array(list(cells), dtype=np.int64)
    new = group.unknown(ids)
    if len(new):
        group.add_rows(new, extra=np.zeros(len(new), dtype=np.bool_))
    group.append(Column(time_ms, ids, np.array(list(cells.values())), time_ms, 1))


def content(group: GroupHead) -> dict[int, dict[int, float]]:
    view = group.view
    return {
        int(number): {
            int(time): float(value)
            for time, value in zip(view.times, row, strict=True)
            if not is_absent(np.array([value]))[0]
        }
        for number, row in zip(view.ids, view.values, strict=True)
    }


def test_columns_hold_the_series_they_have() -> None:
    group = GroupHead(1, 1, "g")
    add(group, 10, {5: 1.0, 7: 2.0})
    add(group, 20, {7: 3.0})
    add(group, 30, {9: 4.0, 5: 5.0})
    assert content(group) == {5: {10: 1.0, 30: 5.0}, 7: {10: 2.0, 20: 3.0}, 9: {30: 4.0}}


def test_views_do_not_change_while_the_matrix_grows() -> None:
    group = GroupHead(1, 1, "g")
    add(group, 0, {1: 0.0})
    early = group.view
    for time in range(1, 100):
        add(group, time, {number: float(time) for number in range(1, time % 10 + 2)})
    assert early.values.tolist() == [[0.0]]
    assert early.times.tolist() == [0]
    assert content(group)[1] == {time: float(time) for time in range(100)}


def test_dropping_columns_keeps_the_others_and_their_rows() -> None:
    group = GroupHead(1, 1, "g")
    add(group, 10, {1: 1.0, 2: 2.0})
    add(group, 20, {2: 3.0, 3: ABSENT})
    before = group.view
    assert group.drop(1).tolist() == [1, 3]
    assert content(group) == {2: {20: 3.0}}
    assert group.worked_ms == 20
    add(group, 30, {1: 4.0, 2: 5.0})
    assert content(group) == {2: {20: 3.0, 30: 5.0}, 1: {30: 4.0}}
    assert before.ids.tolist() == [1, 2, 3]
    assert group.drop(2).tolist() == [2, 1]
    assert content(group) == {}
    assert group.worked_ms is None


def test_seqs_stay_with_their_columns() -> None:
    group = GroupHead(1, 1, "g")
    for time in range(1, 30):
        add(group, time, {1: 0.0})
    group.drop(10)
    assert group.view.seqs.tolist() == list(range(11, 30))
    assert group.view.ids_seqs.tolist() == [1] * 19
