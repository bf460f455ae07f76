"""Spans in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from appliance.store.traces.table import concat, pack, shared_value


def test_packed_spans_come_out_as_they_went_in(build: Any) -> None:
    batch = build.batch([build.span(1, 1), build.span(1, 2, name="a longer name")])
    table = pack(batch)
    assert table.spans() == list(batch.spans)
    assert table.span(1) == batch.spans[1]
    assert len(table) == 2


def test_concat_shares_dictionaries(build: Any) -> None:
    one = pack(build.batch([build.span(1, 1, name="a"), build.span(1, 2, name="b")], "x"))
    two = pack(build.batch([build.span(1, 3, name="b"), build.span(1, 4, name="c")], "y"))
    both = concat([one, two])
    names, services = both.columns.coded["name"], both.columns.coded["service"]
    assert [names.values[number] for number in names.ids] == ["a", "b", "b", "c"]
    assert sorted(names.values) == ["a", "b", "c"]  # type: ignore[type-var]  # they are text
    assert [services.values[number] for number in services.ids] == ["x", "x", "y", "y"]
    assert both.spans() == one.spans() + two.spans()


def test_concat_keeps_absent_values_absent(build: Any) -> None:
    batch = build.batch([build.span(1, 1), build.span(1, 2)])
    batch = replace(batch, scope_ids=np.array([-1, 0], np.int32))
    both = concat([pack(batch), pack(batch)]).columns.coded["scope"]
    assert both.ids.tolist() == [-1, 0, -1, 0]
    assert [shared_value(both, row) for row in (0, 1)] == [b"", build.scope()]


def test_order_is_by_id_bytes_then_start(build: Any) -> None:
    spans = [
        build.span(256, 1, start_ns=5),
        build.span(1, 2, start_ns=9),
        build.span(1, 3, start_ns=7),
        build.span(1 << 100, 4, start_ns=1),
    ]
    columns = pack(build.batch(spans)).columns
    assert columns.sorted_order().tolist() == [2, 1, 0, 3]
    assert columns.rows_of(build.trace_id(1)).tolist() == [1, 2]
    assert columns.rows_of(build.trace_id(7)).tolist() == []
