"""The span store against a plain list: appends, seals, restarts and queries in any order."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.trace import Dictionary, SpanBatch, SpanColumns, StoredSpan
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.traces.key_values import decode_value
from appliance.store.traces.seal import SealPolicy
from appliance.store.traces.sealed.block import BlockLimits
from appliance.store.traces.store import SpanOptions, SpanStore
from tests.random_examples import examples

TENANTS = ("a", "b")
TRACES = [bytes(15) + b"\x01", bytes(7) + b"\x01" + bytes(8), b"\xff" * 16]
STARTS = [0, 1, 1000, 1001, 1_700_000_000_000_000_000, 2**62]

any_values = st.one_of(
    st.builds(AnyValue, string_value=st.text(max_size=3)),
    st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1)),
    st.builds(AnyValue, bool_value=st.booleans()),
    st.builds(AnyValue, double_value=st.floats(allow_nan=False)),
    st.builds(AnyValue, bytes_value=st.binary(max_size=2)),
    st.builds(
        lambda text: AnyValue(array_value=ArrayValue(values=[AnyValue(string_value=text)])),
        st.text(max_size=2),
    ),
    st.just(AnyValue()),
)
attributes = st.dictionaries(
    st.sampled_from(["a", "b", "c.d", "é", ""]), any_values, max_size=4
).map(lambda pairs: [KeyValue(key=key, value=value) for key, value in pairs.items()])


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.sampled_from(STARTS))
    parent = draw(st.sampled_from([0, 1, 2, 3, 2**64 - 1]))
    return Span(
        trace_id=draw(st.sampled_from(TRACES)),
        span_id=draw(st.sampled_from([1, 2, 3, 2**63])).to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        trace_state=draw(st.sampled_from(["", "", "x=y"])),
        name=draw(st.sampled_from(["", "op", "später", "n" * 200])),
        kind=draw(st.sampled_from([0, 1, 5])),  # type: ignore[arg-type]  # OTLP's numbers
        start_time_unix_nano=start,
        end_time_unix_nano=draw(st.sampled_from([0, start, start + 5, start + 2**40])),
        attributes=draw(attributes),
        status=draw(st.sampled_from([None, Status(code=Status.STATUS_CODE_ERROR)])),
        flags=draw(st.sampled_from([0, 256])),
    )


def to_batch(made: list[Span], resources: list[str]) -> SpanBatch:
    """A request; resources by service name, one for each span."""
    names, services = [one.name for one in made], list(dict.fromkeys(resources))
    service_ids = np.array([services.index(name) for name in resources], np.int32)
    starts = np.array([one.start_time_unix_nano for one in made], np.int64)
    ends = np.array([one.end_time_unix_nano for one in made], np.int64)
    return SpanBatch(
        trace_ids=np.frombuffer(b"".join(one.trace_id for one in made), np.uint8).reshape(-1, 16),
        span_ids=np.array([int.from_bytes(one.span_id) for one in made], np.uint64),
        parent_ids=np.array([int.from_bytes(one.parent_span_id) for one in made], np.uint64),
        start_ns=starts,
        duration_ns=np.maximum(ends - starts, 0),
        kinds=np.array([one.kind for one in made], np.uint8),
        statuses=np.array([one.status.code for one in made], np.uint8),
        name_ids=np.arange(len(made), dtype=np.int32),
        names=names,
        service_ids=service_ids,
        services=services,
        resource_ids=service_ids,
        resources=[resource(name) for name in services],
        scope_ids=np.zeros(len(made), np.int32),
        scopes=[b""],
        spans=[one.SerializeToString() for one in made],
    )


def resource(service: str) -> bytes:
    value = AnyValue(string_value=service)
    made = Resource(attributes=[KeyValue(key="service.name", value=value)])
    raw: bytes = made.SerializeToString()
    return raw


appends = st.tuples(
    st.sampled_from(TENANTS),
    st.lists(st.tuples(spans(), st.sampled_from(["x", "y"])), min_size=1, max_size=8),
)
steps = st.lists(
    st.one_of(appends, appends, st.sampled_from(["seal", "seal if due", "reopen", "query"])),
    max_size=12,
)


@examples(40)
@given(steps, st.sampled_from([BlockLimits(), BlockLimits(max_columns=1)]))
def test_store_is_a_list_of_spans(doings: list[Any], limits: BlockLimits) -> None:
    options = SpanOptions(seal=SealPolicy(spans=10, block_spans=12), block=limits)
    model: dict[str, list[StoredSpan]] = {tenant: [] for tenant in TENANTS}
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder), options)
        for doing in [*doings, "query"]:
            match doing:
                case (tenant, pairs):
                    batch = to_batch([span for span, _ in pairs], [name for _, name in pairs])
                    store.append(tenant, batch).result(5)
                    model[tenant] += [
                        StoredSpan(resource(name), b"", span.SerializeToString())
                        for span, name in pairs
                    ]
                case "seal":
                    store.seal(force=True)
                case "seal if due":
                    store.seal()
                case "reopen":
                    store.close()
                    store = open_store(Path(folder), options)
                case _:
                    for tenant in TENANTS:
                        check(store, tenant, model[tenant])
        store.close()


def open_store(folder: Path, options: SpanOptions) -> SpanStore:
    return SpanStore(
        folder / "traces.db",
        options,
        database=DatabaseOptions(synchronous="OFF"),
        clock=ManualClock(),
        telemetry=Telemetry(),
    )


def check(store: SpanStore, tenant: str, expected: list[StoredSpan]) -> None:
    source = store.source(tenant)
    guard = QueryGuard(QueryLimits(), ManualClock())
    for trace in TRACES:
        found = source.trace(trace, guard)
        starts = [Span.FromString(one.span).start_time_unix_nano for one in found]
        assert starts == sorted(starts)
        wanted = {one for one in expected if Span.FromString(one.span).trace_id == trace}
        assert Counter(found) == Counter(dict.fromkeys(wanted, 1))
    views = list(source.scan(0, 2**63 - 1, guard))
    seen: Counter[StoredSpan] = Counter()
    for view in views:
        seen.update(check_view(view))
    assert seen.keys() == set(expected)
    assert source.services() == sorted({service_of(one) for one in expected})
    for service in ("x", "y"):
        mine = [Span.FromString(one.span) for one in expected if service_of(one) == service]
        assert source.operations(service) == sorted({(one.name, one.kind) for one in mine})


def service_of(stored: StoredSpan) -> str:
    text: str = Resource.FromString(stored.resource).attributes[0].value.string_value
    return text


def check_view(view: SpanColumns) -> list[StoredSpan]:
    """Compare each column with what the spans themselves say; returns the spans."""
    stored = view.spans(np.arange(view.count))
    parsed = [Span.FromString(one.span) for one in stored]
    starts = [one.start_time_unix_nano for one in parsed]
    ends = [one.end_time_unix_nano for one in parsed]
    assert [bytes(row) for row in view.trace_ids()] == [one.trace_id for one in parsed]
    assert list(zip([one.trace_id for one in parsed], starts, strict=True)) == sorted(
        zip([one.trace_id for one in parsed], starts, strict=True)
    )
    numbers = {
        "start_ns": starts,
        "duration_ns": [max(0, b - a) for a, b in zip(starts, ends, strict=True)],
        "kind": [one.kind for one in parsed],
        "status": [one.status.code for one in parsed],
        "span_id": [int.from_bytes(one.span_id) for one in parsed],
        "parent_id": [int.from_bytes(one.parent_span_id) for one in parsed],
    }
    assert {name: view.numbers(name).tolist() for name in numbers} == numbers
    assert values(view.names()) == [one.name for one in parsed]
    assert values(view.services()) == list(map(service_of, stored))
    assert values(view.attribute("resource", "service.name")) == list(map(service_of, stored))
    by_row = [{pair.key: decode_value(pair.value) for pair in one.attributes} for one in parsed]
    assert view.attribute_keys("span") == sorted({key for row in by_row for key in row})
    for key in view.attribute_keys("span"):
        found = list(map(repr, values(view.attribute("span", key))))
        assert found == [repr(row.get(key, ...)) for row in by_row]
    return stored


def values(column: Dictionary | None) -> list[object]:
    assert column is not None
    return [column.values[number] if number >= 0 else ... for number in column.ids.tolist()]
