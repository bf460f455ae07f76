"""Stored spans against the plain model: whole traces, all columns, in any order of events."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.sources import SpanSource
from appliance.model.trace import Dictionary, SpanColumns
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.retention import Retention, RetentionRule
from appliance.store.traces.seal import SealPolicy
from appliance.store.traces.sealed.block import BlockLimits
from appliance.store.traces.store import SpanOptions, SpanStore
from appliance.wire.otlp.traces import decode_traces
from tests.random_examples import examples
from tests.spans import PlainEvent, PlainLink, PlainSpan, PlainSpans, otlp_request

END_NS = 2**63 - 1
#: Epoch, some times that differ little, the last one that OTLP's numbers and ours share.
STARTS = [0, 1, 1000, 1001, 1_700_000_000 * 10**9, END_NS - 10]

values = st.one_of(
    st.sampled_from(["", "a", "é"]),
    st.booleans(),
    st.sampled_from([0, 1, -5, 2**63 - 1]),
    st.sampled_from([0.0, 1.0, -2.5, float("inf")]),
    st.just(b"\xff"),
    st.sampled_from([[], ["a", "b"], [1, 2.5, True], {"k": [1]}, {}]),
    st.none(),
)
attributes = st.dictionaries(st.sampled_from(["a", "b", "c.d", "é"]), values, max_size=2)
events = st.builds(
    PlainEvent,
    name=st.sampled_from(["", "exception", "später"]),
    time_ns=st.sampled_from([0, 5, 1001, END_NS]),
    attributes=attributes,
)
links = st.builds(
    PlainLink,
    trace=st.sampled_from([0, 1, 2**127]),
    span=st.sampled_from([0, 1, 2**64 - 1]),
    attributes=attributes,
)
spans = st.builds(
    PlainSpan,
    trace=st.sampled_from([1, 2, 1 << 64, 2**128 - 1]),
    span=st.sampled_from([1, 2, 3, 2**64 - 1]),
    name=st.sampled_from(["", "op", "n" * 200]),
    service=st.sampled_from(["x", "y"]),
    parent=st.sampled_from([0, 1, 2, 2**63]),
    start_ns=st.sampled_from(STARTS),
    duration_ns=st.sampled_from([0, 1, 10, -5]),
    kind=st.sampled_from([0, 1, 5]),
    status=st.sampled_from([0, 1, 2]),
    attributes=attributes,
    resource=attributes,
    status_message=st.sampled_from(["", "", "boom"]),
    events=st.lists(events, max_size=2),
    links=st.lists(links, max_size=2),
    scope_name=st.sampled_from(["", "lib"]),
    scope_version=st.sampled_from(["", "1"]),
    scope=attributes,
)
batches = st.lists(spans, min_size=1, max_size=5)
steps = st.lists(
    st.one_of(batches, batches, st.sampled_from(["seal", "reopen", "query", "again", "retain"])),
    max_size=10,
)


@examples(60)
@given(steps, st.sampled_from([BlockLimits(), BlockLimits(max_columns=1)]))
def test_whole_traces_are_those_of_the_model(doings: list[Any], limits: BlockLimits) -> None:
    options = SpanOptions(seal=SealPolicy(spans=8, block_spans=8), block=limits)
    model: list[PlainSpan] = []
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder), options)
        for doing in [*doings, "query"]:
            match doing:
                case list():
                    send(store, doing)
                    model += doing
                case "again":
                    send(store, model[-3:])  # a request whose answer was lost
                case "seal":
                    store.seal(force=True)
                case "reopen":
                    store.close()
                    store = open_store(Path(folder), options)
                case "retain":
                    model = retain(store, model)
                case _:
                    check(store.source("t"), model)
        store.close()


def open_store(folder: Path, options: SpanOptions) -> SpanStore:
    return SpanStore(
        folder / "traces.db",
        options,
        database=DatabaseOptions(synchronous="OFF"),
        clock=ManualClock(2_001),
        telemetry=Telemetry(),
    )


def new_guard() -> QueryGuard:
    return QueryGuard(QueryLimits(), ManualClock())


def send(store: SpanStore, made: Sequence[PlainSpan]) -> None:
    batch, rejected = decode_traces(otlp_request(made))
    assert not rejected
    store.append("t", batch).result(5)


def retain(store: SpanStore, model: Sequence[PlainSpan]) -> list[PlainSpan]:
    """Prune what is older than a millisecond after the epoch; returns what is left of the model."""
    store.retain(Retention(rules=(RetentionRule(max_age_ms=2_000),)))
    source = store.source("t")
    left = {
        stored
        for trace in {span.trace_id for span in model}
        for stored in source.trace(trace, new_guard())
    }
    kept = [span for span in model if span.stored() in left]
    assert len({span.stored() for span in kept}) == len(left)
    assert [span for span in model if span.start_ns >= 1_000_000] == [
        span for span in kept if span.start_ns >= 1_000_000
    ]
    return kept


def check(source: SpanSource, model: Sequence[PlainSpan]) -> None:
    plain = PlainSpans(model, block_size=100)
    guard = new_guard()
    with (
        source.whole_traces(0, END_NS, guard) as views,
        plain.whole_traces(0, END_NS, guard) as expected,
    ):
        homes = [trace for view in views for trace in live_traces(view)]
        assert len(homes) == len(set(homes))
        found = sorted(itertools.chain.from_iterable(map(described, views)))
        wanted = sorted(set(itertools.chain.from_iterable(map(described, expected))))
        assert found == wanted
        for view in views:
            stored = view.spans(np.arange(view.count))
            assert len(stored) == view.count
            assert len(set(stored)) == len(stored)
            assert view.derived("n", view.traces().ids.tobytes) == view.traces().ids.tobytes()
    for trace in {span.trace_id for span in model}:
        assert set(source.trace(trace, guard)) == set(plain.trace(trace, guard))


def live_traces(view: SpanColumns) -> list[bytes]:
    traces = view.traces()
    assert traces.spread(traces.ids).tolist() == view.trace_ids().tolist()
    starts = traces.offsets[:-1]
    ends = traces.offsets[1:]
    assert (ends > starts).all()
    if view.live is None:
        return [one.tobytes() for one in traces.ids]
    for start, end in zip(starts, ends, strict=True):
        assert len(set(view.live[start:end].tolist())) == 1
    return [one.tobytes() for one in traces.ids[view.live[starts]]]


def described(view: SpanColumns) -> list[str]:
    """What the columns say of each live span."""
    rows = range(view.count) if view.live is None else np.flatnonzero(view.live).tolist()
    columns: dict[str, list[object]] = {
        name: view.numbers(name).tolist()
        for name in ("start_ns", "duration_ns", "kind", "status", "span_id", "parent_id")
    }
    columns |= {
        "trace": [one.tobytes() for one in view.trace_ids()],
        "name": values_of(view.names()),
        "service": values_of(view.services()),
        "status message": values_of(view.status_messages()),
        "scope": values_of(view.scopes()[0]),
        "version": values_of(view.scopes()[1]),
    }
    for scope in ("span", "resource", "instrumentation"):
        for key in view.attribute_keys(scope):
            column = view.attribute(scope, key)
            columns[f"{scope}.{key}"] = values_of(column) if column else [...] * view.count
        assert view.attribute(scope, "nobody has it") is None
    for kind in ("event", "link"):
        columns[kind] = items_of(view, kind)
    # Keys that no span here has differ from view to view.
    told = [
        {name: column[row] for name, column in columns.items() if column[row] is not ...}
        for row in rows
    ]
    return [repr(sorted(one.items())) for one in told]


def items_of(view: SpanColumns, kind: str) -> list[object]:
    """Of each span the list of its events or links with all that the columns say."""
    items = view.items(kind)
    assert items.rows.tolist() == sorted(items.rows.tolist())
    assert list(items.attribute_keys()) == list(view.attribute_keys(kind))
    number = "time_ns" if kind == "event" else "span_id"
    told: list[list[tuple[str, object]]] = [
        [("number", one)] for one in items.numbers(number).tolist()
    ]
    columns = {"name": values_of(items.names())}
    for key in items.attribute_keys():
        column = items.attribute(key)
        columns[f"attribute {key}"] = values_of(column) if column else [...] * len(told)
    if kind == "link":
        columns["trace"] = [one.tobytes() for one in items.trace_ids()]
    for name, told_values in columns.items():
        for one, value in zip(told, told_values, strict=True):
            if value is not ...:
                one.append((name, value))
    found: list[list[object]] = [[] for _ in range(view.count)]
    for row, one in zip(items.rows.tolist(), told, strict=True):
        found[row].append(one)
    return list(found)


def values_of(column: Dictionary) -> list[object]:
    return [column.values[number] if number >= 0 else ... for number in column.ids.tolist()]
