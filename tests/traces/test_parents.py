"""Parents by rows, against a dictionary."""

from __future__ import annotations

import random

import numpy as np

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.parents import parent_rows
from appliance.traces.window import EARLIEST_NS, LATEST_NS
from tests.spans import PlainSpan, PlainSpans


def parents(spans: list[PlainSpan]) -> dict[tuple[int, int, int], tuple[int, int] | None]:
    """(trace, span, kind) → the parent's span id and kind."""
    guard = QueryGuard(QueryLimits(), ManualClock())
    (columns,) = PlainSpans(spans, block_size=len(spans)).scan(EARLIEST_NS, LATEST_NS, guard)
    traces = [int.from_bytes(row.tobytes()) for row in columns.trace_ids()]
    ids, kinds = columns.numbers("span_id").tolist(), columns.numbers("kind").tolist()
    rows = parent_rows(columns).tolist()
    return {
        (traces[row], ids[row], kinds[row]): None if parent < 0 else (ids[parent], kinds[parent])
        for row, parent in enumerate(rows)
    }


def test_ids_count_within_their_trace() -> None:
    spans = [
        PlainSpan(1, 1),
        PlainSpan(1, 2, parent=1),
        PlainSpan(2, 1),
        PlainSpan(2, 3, parent=2),
        PlainSpan(3, 5, parent=5),
    ]
    assert parents(spans) == {
        (1, 1, 2): None,
        (1, 2, 2): (1, 2),
        (2, 1, 2): None,
        (2, 3, 2): None,
        (3, 5, 2): None,
    }


def test_a_server_may_share_its_clients_id() -> None:
    spans = [
        PlainSpan(1, 1, kind=2),
        PlainSpan(1, 2, parent=1, kind=3, start_ns=1),
        PlainSpan(1, 2, parent=1, kind=2, start_ns=2),
        PlainSpan(1, 3, parent=2, kind=1, start_ns=3),
    ]
    assert parents(spans) == {
        (1, 1, 2): None,
        (1, 2, 3): (1, 2),
        (1, 2, 2): (2, 3),
        (1, 3, 1): (2, 2),
    }


def test_many_random_spans() -> None:
    some = random.Random(5)
    spans = {
        (trace, span): PlainSpan(trace, span, parent=some.randrange(40), kind=1)
        for trace in range(1, 60)
        for span in some.sample(range(1, 40), 12)
    }
    for (trace, span, _), parent in parents(list(spans.values())).items():
        wanted = spans[trace, span].parent
        is_here = (trace, wanted) in spans and wanted != span
        assert (parent[0] if parent else None) == (wanted if is_here else None)


def test_a_block_without_spans() -> None:
    class Nothing:
        count = 0

        def derived(self, _: str, build: object) -> object:
            return build()  # type: ignore[operator]  # a function

    assert parent_rows(Nothing()).dtype == np.int64  # type: ignore[arg-type]  # what is needed
