"""The head's view; what it says about spans is tested together with blocks'."""

from __future__ import annotations

from typing import Any

import numpy as np

from appliance.model.trace import Dictionary
from appliance.store.traces.attributes import AttributeColumn
from appliance.store.traces.head import Part
from appliance.store.traces.table import pack
from appliance.store.traces.views.head_columns import HeadColumns
from appliance.store.traces.views.scopes import spread


def test_rows_of_several_parts_are_in_one_order(build: Any) -> None:
    batches = [build.batch([build.span(trace, trace) for trace in ids]) for ids in ([3, 1], [4, 2])]
    view = HeadColumns([Part(pack(batch), row, 0) for row, batch in enumerate(batches)])
    assert view.numbers("span_id").tolist() == [1, 2, 3, 4]
    found = [one.span for one in view.spans(np.array([1, 2]))]
    assert found == [batches[1].spans[1], batches[0].spans[0]]


def test_resource_column_is_spread_over_spans() -> None:
    column = AttributeColumn(np.array([1], np.int32), np.array([0], np.int32), ["v"])
    resources = Dictionary(np.array([0, 1, -1, 1], np.int32), [b"first", b"second"])
    assert spread(column, resources).ids.tolist() == [-1, 0, -1, 0]
