"""Trees of spans: parents, nested sets, roots."""

from __future__ import annotations

import time

import numpy as np
import pytest

from appliance.model.trace import SpanColumns, Traces
from appliance.traceql.tree import Tree, make_tree, roots_of
from tests.spans import PlainColumns, PlainSpan

CLIENT, SERVER = 3, 2


def tree_of(*spans: PlainSpan) -> Tree:
    return make_tree(PlainColumns(spans))


def span(number: int, parent: int = 0, *, kind: int = 1, trace: int = 1) -> PlainSpan:
    """Rows are in the order in which spans are made: they start one after the other."""
    return PlainSpan(trace, number % 100, parent=parent, kind=kind, start_ns=number)


def test_nested_sets_are_numbered_down_and_up_in_the_order_of_starts() -> None:
    tree = tree_of(span(1), span(2, 1), span(3, 2), span(4, 1))
    assert tree.parents.tolist() == [-1, 0, 1, 0]
    assert tree.lefts.tolist() == [1, 2, 3, 6]
    assert tree.rights.tolist() == [8, 5, 4, 7]
    assert tree.set_parents.tolist() == [-1, 1, 2, 1]
    assert tree.child_counts.tolist() == [2, 1, 0, 0]


def test_several_roots_are_numbered_one_after_the_other() -> None:
    tree = tree_of(span(1), span(2), span(3, 1), span(4, 2))
    assert tree.lefts.tolist() == [1, 5, 2, 6]
    assert tree.rights.tolist() == [4, 8, 3, 7]
    assert tree.set_parents.tolist() == [-1, -1, 1, 5]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([span(1), span(2, 1)], [0]),
        ([span(1), span(2), span(3, 1)], [1]),
        ([span(1, 77)], [-1]),
        (
            [span(1, 7, trace=1), span(1, trace=2), span(2, 9, trace=3), span(3, trace=3)],
            [-1, 1, 3],
        ),
    ],
)
def test_the_last_root_is_the_traces_root(spans: list[PlainSpan], expected: list[int]) -> None:
    assert roots_of(PlainColumns(spans)).tolist() == expected


def test_each_trace_is_numbered_by_itself() -> None:
    tree = tree_of(span(1), span(2, 1), span(1, trace=2), span(2, 1, trace=2))
    assert tree.lefts.tolist() == [1, 2, 1, 2]
    assert tree.parents.tolist() == [-1, 0, -1, 2]


def test_a_parent_in_another_trace_is_none() -> None:
    tree = tree_of(span(1), span(2, 1, trace=2))
    assert tree.parents.tolist() == [-1, -1]


def test_orphans_and_what_hangs_below_them_have_no_numbers() -> None:
    tree = tree_of(span(1), span(2, 77), span(3, 2), span(4, 1))
    assert tree.parents.tolist() == [-1, -1, 1, 0]
    assert tree.lefts.tolist() == [1, 0, 0, 2]
    assert tree.set_parents.tolist() == [-1, 0, 0, 1]
    assert tree.child_counts.tolist() == [1, 1, 0, 0]


def test_without_a_root_nothing_is_numbered_and_no_children_are_counted() -> None:
    tree = tree_of(span(1, 77), span(2, 1))
    assert tree.parents.tolist() == [-1, 0]
    assert tree.lefts.tolist() == [0, 0]
    assert tree.child_counts.tolist() == [0, 0]


@pytest.mark.parametrize(
    "spans",
    [
        [span(1), span(2, 2)],
        [span(1), span(2, 3), span(3, 2)],
        [span(1), span(2, 3), span(3, 4), span(4, 3), span(5, 2)],
    ],
)
def test_cycles_end_up_as_orphans(spans: list[PlainSpan]) -> None:
    tree = tree_of(*spans)
    assert set(tree.parents.tolist()) == {-1}
    assert tree.lefts.tolist() == [1] + [0] * (len(spans) - 1)
    assert tree.rights[0] == 2


def test_a_client_and_a_server_span_may_share_an_id() -> None:
    tree = tree_of(
        span(1),
        span(102, 1, kind=CLIENT),
        span(202, 2, kind=SERVER),
        span(203, 2, kind=1),
    )
    assert tree.parents.tolist() == [-1, 0, 1, 2]
    assert tree.lefts.tolist() == [1, 2, 3, 4]


def test_three_kinds_of_spans_with_one_id_leave_a_trace_without_numbers() -> None:
    tree = tree_of(
        span(1),
        span(102, 1, kind=CLIENT),
        span(202, 1, kind=SERVER),
        span(302, 1, kind=1),
        span(1, trace=2),
    )
    assert tree.lefts.tolist() == [0, 0, 0, 0, 1]
    assert tree.child_counts.tolist() == [0] * 5
    assert tree.set_parents.tolist() == [0, 0, 0, 0, -1]


def test_of_spans_that_came_twice_the_first_one_has_the_children() -> None:
    tree = tree_of(span(1), span(102, 1), span(202, 1), span(303, 2))
    assert tree.parents.tolist() == [-1, 0, 0, 1]
    assert tree.child_counts.tolist() == [2, 1, 0, 0]


def test_a_block_without_spans_has_an_empty_tree() -> None:
    tree = tree_of()
    assert len(tree.parents) == 0


class _Chain:
    """One trace whose spans are each the next one's parent."""

    live = None

    def __init__(self, count: int) -> None:
        self.count = count

    def traces(self) -> Traces:
        return Traces(np.zeros((1, 16), np.uint8), np.array([0, self.count]))

    def numbers(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        ids = np.arange(self.count, dtype=np.uint64)
        return ids + np.uint64(1) if name == "span_id" else ids


def test_a_long_chain_takes_no_longer_than_any_other_tree() -> None:
    columns: SpanColumns = _Chain(50_000)  # type: ignore[assignment]  # what a tree needs of it
    started = time.process_time()
    tree = make_tree(columns)
    assert time.process_time() - started < 1
    assert tree.lefts.tolist() == list(range(1, 50_001))
    assert tree.rights.tolist() == list(range(100_000, 50_000, -1))
