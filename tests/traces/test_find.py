"""Finding traces in a real span store, in its head and in sealed blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.sources import Guard, SpanSource
from appliance.model.trace import SpanColumns
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.traces.store import SpanOptions, SpanStore
from appliance.traces.criteria import SpanCriteria
from appliance.traces.find import TraceSearch, find_traces
from appliance.traces.window import Window
from appliance.wire.otlp.traces import decode_traces

START = 1_700_000_000 * 10**9
SECOND = 10**9
WINDOW = Window(START, START + 60 * SECOND)


def trace_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def encode(number: int) -> bytes:
    """Trace `number` starts `number` seconds after START: a root in `web`, a child in `db`."""
    message = ExportTraceServiceRequest()
    parent = b""
    for service, name, kind in (("web", "GET /", 2), ("db", "SELECT", 3)):
        resource = message.resource_spans.add()
        resource.resource.attributes.add(key="service.name").value.string_value = service
        span = resource.scope_spans.add().spans.add(name=name, kind=kind, parent_span_id=parent)
        span.trace_id = trace_id(number)
        span.span_id = parent = (len(parent) + number * 10 + 1).to_bytes(8, "big")
        span.start_time_unix_nano = START + number * SECOND + (0 if kind == 2 else 1000)
        span.end_time_unix_nano = span.start_time_unix_nano + number * 1_000_000
        span.status.code = 2 if number % 3 == 0 and kind == 3 else 0
        span.attributes.add(key="http.status").value.int_value = 200 + number
        span.attributes.add(key="cached").value.bool_value = number % 2 == 0
    return bytes(message.SerializeToString())


@pytest.fixture(scope="module", params=["head", "blocks", "both"])
def source(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SpanSource]:
    yield from make_source(str(request.param), tmp_path_factory.mktemp("spans"))


def make_source(where: str, folder: Path) -> Iterator[SpanSource]:
    store = SpanStore(
        folder / "traces.db",
        SpanOptions(),
        database=DatabaseOptions(),
        clock=ManualClock(),
        telemetry=Telemetry(),
    )
    for number in range(1, 10):
        batch, rejects = decode_traces(encode(number))
        assert rejects == []
        store.append("t", batch).result(5)
        if where == "blocks" or (where == "both" and number == 5):
            store.seal(force=True)
    yield store.source("t")
    store.close()


class Counting:
    """A source that counts what is read of it."""

    def __init__(self, source: SpanSource) -> None:
        self._source = source
        self.views = 0

    def scan(self, start_ns: int, end_ns: int, guard: Guard) -> Iterator[SpanColumns]:
        for columns in self._source.scan(start_ns, end_ns, guard):
            self.views += 1
            yield columns


def guard() -> QueryGuard:
    return QueryGuard(QueryLimits(), ManualClock())


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (SpanCriteria(), [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        (SpanCriteria(service="web", operation="SELECT"), []),
        (SpanCriteria(service="db", tags={"error": "true"}), [9, 6, 3]),
        (SpanCriteria(tags={"http.status": "204"}), [4]),
        (SpanCriteria(tags={"cached": "true", "span.kind": "server"}), [8, 6, 4, 2]),
        (SpanCriteria(tags={"service.name": "web"}, max_duration_ns=2_000_000), [2, 1]),
        (SpanCriteria(min_duration_ns=8_000_000), [9, 8]),
        (SpanCriteria(tags={"nothing": "x"}), []),
    ],
)
def test_find_by_what_a_span_is_like(
    source: SpanSource, criteria: SpanCriteria, expected: list[int]
) -> None:
    found = find_traces(source, TraceSearch(criteria, WINDOW, 50), guard())
    assert found == [trace_id(number) for number in expected]


def test_time_range_and_limit(source: SpanSource) -> None:
    window = Window(START + 3 * SECOND, START + 7 * SECOND)
    found = find_traces(source, TraceSearch(window=window, limit=2), guard())
    assert found == [trace_id(6), trace_id(5)]


def test_blocks_that_are_too_old_to_matter_are_not_read(tmp_path: Path) -> None:
    for where, most in (("blocks", 3), ("head", 1)):
        folder = tmp_path / where
        folder.mkdir()
        for source in make_source(where, folder):
            counting = Counting(source)
            found = find_traces(
                counting,  # type: ignore[arg-type]  # nothing but `scan` is needed
                TraceSearch(window=WINDOW, limit=2),
                guard(),
            )
            assert found == [trace_id(9), trace_id(8)]
            assert counting.views <= most
