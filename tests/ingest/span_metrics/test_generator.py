"""From spans to series in a real store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.tasks import spawn
from appliance.base.telemetry import Telemetry
from appliance.ingest.span_metrics.generator import SpanMetrics
from appliance.ingest.span_metrics.options import GeneratorOptions
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.sample import is_absent, is_stale
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from tests.ingest.span_metrics.span_batches import CLIENT, NOW_MS, SERVER, batch, span

CALLS = "traces_spanmetrics_calls_total"
REQUESTS = "traces_service_graph_request_total"


class Bench:
    """A generator that writes to a store, on a clock of its own."""

    def __init__(self, folder: Path, *, series_per_tenant: int = 10_000, **options: int) -> None:
        self.clock = ManualClock(NOW_MS)
        self.telemetry = Telemetry()
        self.store = MetricStore(
            folder / "metrics.db",
            MetricStoreOptions(series_per_tenant=series_per_tenant),
            database=DatabaseOptions(),
            clock=self.clock,
            telemetry=self.telemetry,
        )
        made = GeneratorOptions(**options)  # type: ignore[arg-type]  # numbers, all of them
        self.metrics = SpanMetrics(self.store, made, self.clock, self.telemetry)

    def samples(self, name: str, tenant: str = "a") -> list[tuple[int, float | None]]:
        """(milliseconds since the start, value) of the only series; None is its end."""
        guard = QueryGuard(QueryLimits(), self.clock)
        matchers = (Matcher("__name__", MatchOp.EQUAL, name),)
        found = []
        for group in self.store.source(tenant).select(matchers, 0, 2 * NOW_MS, guard):
            assert len(group.values) == 1, [str(labels) for labels in group.labels]
            ended = is_stale(group.values)[0].tolist()
            cells = zip(group.timestamps_ms.tolist(), group.values[0].tolist(), ended, strict=True)
            gaps = is_absent(group.values)[0].tolist()
            found += [
                (time - NOW_MS, None if end else value)
                for (time, value, end), gap in zip(cells, gaps, strict=True)
                if not gap or end
            ]
        return sorted(found)

    def left_out(self, reason: str) -> float:
        wanted = f'appliance_span_metrics_left_out_total{{reason="{reason}"}} '
        rows = self.telemetry.expose().decode().splitlines()
        return sum(float(row.removeprefix(wanted)) for row in rows if row.startswith(wanted))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.store.close()


async def test_a_new_series_begins_with_zero_and_then_has_a_sample_per_interval(
    bench: Bench,
) -> None:
    bench.metrics.observe("a", batch("shop", span(), span(span_id=2)))
    await bench.metrics.flush(only_new=True)
    assert bench.samples(CALLS) == [(-1, 0), (0, 2)]
    await bench.clock.advance(1)
    bench.metrics.observe("a", batch("shop", span()))
    await bench.metrics.flush(only_new=True)
    assert bench.samples(CALLS) == [(-1, 0), (0, 2)]
    await bench.clock.advance(14)
    await bench.metrics.flush()
    assert bench.samples(CALLS) == [(-1, 0), (0, 2), (15_000, 3)]


async def test_tenants_are_apart(bench: Bench) -> None:
    bench.metrics.observe("a", batch("shop", span()))
    bench.metrics.observe("b", batch("shop", span(), span()))
    await bench.metrics.flush()
    assert [bench.samples(CALLS, tenant)[-1][1] for tenant in "ab"] == [1, 2]


async def test_spans_of_another_time_are_left_out(tmp_path: Path) -> None:
    bench = Bench(tmp_path, slack_ms=30_000)
    ages = (0, 30_000, 30_001, -30_001)
    bench.metrics.observe("a", batch("shop", *(span(age_ms=age) for age in ages)))
    await bench.metrics.flush()
    assert bench.samples(CALLS)[-1] == (0, 2)
    assert bench.left_out("outside_slack") == 2
    bench.store.close()


async def test_requests_are_counted_when_both_sides_have_come(bench: Bench) -> None:
    bench.metrics.observe("a", batch("web", span(CLIENT, span_id=5)))
    bench.metrics.observe("a", batch("api", span(SERVER, span_id=6, parent=5, failed=True)))
    await bench.metrics.flush()
    assert bench.samples(REQUESTS)[-1] == (0, 1)
    assert bench.samples("traces_service_graph_request_failed_total")[-1] == (0, 1)


async def test_a_side_that_stays_alone_is_counted(bench: Bench) -> None:
    bench.metrics.observe("a", batch("api", span(SERVER, span_id=6, parent=5)))
    await bench.metrics.flush()
    await bench.clock.advance(10)
    await bench.metrics.flush()
    assert bench.samples(REQUESTS) == []
    assert bench.left_out("unpaired") == 1


async def test_a_series_ends_when_nothing_was_added_for_long(tmp_path: Path) -> None:
    bench = Bench(tmp_path, stale_ms=60_000)
    bench.metrics.observe("a", batch("shop", span()))
    await bench.metrics.flush()
    await bench.clock.advance(61)
    await bench.metrics.flush()
    await bench.clock.advance(15)
    await bench.metrics.flush()
    assert bench.samples(CALLS) == [(-1, 0), (0, 1), (61_000, None)]
    bench.store.close()


async def test_what_waits_to_be_measured_is_bounded(tmp_path: Path) -> None:
    bench = Bench(tmp_path, max_queued=2)
    for _ in range(3):
        bench.metrics.observe("a", batch("shop", span()))
    await bench.metrics.flush()
    assert bench.samples(CALLS)[-1] == (0, 2)
    assert bench.left_out("queue_full") == 1
    bench.store.close()


async def test_the_component_writes_by_itself_and_at_the_end(bench: Bench) -> None:
    running = spawn(bench.metrics.run(), name="span metrics")
    bench.metrics.observe("a", batch("shop", span()))
    await bench.clock.advance(1)
    while not bench.samples(CALLS):
        await bench.clock.advance(0)
    bench.metrics.observe("a", batch("shop", span()))
    running.cancel()
    await bench.clock.advance(0.5)
    await bench.metrics.stop()
    assert bench.samples(CALLS)[-1][1] == 2


async def test_a_tenant_with_too_many_series_is_no_trouble_to_the_others(tmp_path: Path) -> None:
    bench = Bench(tmp_path, series_per_tenant=60)
    bench.metrics.observe("a", batch("shop", span()))
    await bench.metrics.flush(only_new=True)
    await bench.clock.advance(15)
    for other in (span(1), span(1, failed=True), span(failed=True)):
        bench.metrics.observe("a", batch("shop", span(), other))
    bench.metrics.observe("b", batch("shop", span()))
    for _ in range(3):
        await bench.metrics.flush(only_new=True)
    assert bench.samples(CALLS, "b") == [(14_999, 0), (15_000, 1)]
    refused = bench.left_out("series_per_tenant")
    assert refused > 0
    await bench.metrics.flush()
    assert bench.samples(CALLS, "a") == [(-1, 0), (0, 1), (15_000, 4)]
    assert bench.left_out("series_per_tenant") > refused
    bench.store.close()


async def test_a_tenant_that_has_nothing_any_more_is_forgotten(tmp_path: Path) -> None:
    bench = Bench(tmp_path, stale_ms=60_000)
    for number in range(5):
        bench.metrics.observe(f"tenant{number}", batch("shop", span()))
    await bench.metrics.flush()
    assert len(bench.metrics._tenants) == 5
    for _ in range(2):  # the first time, spans that waited in vain for their callers still count
        await bench.clock.advance(61)
        await bench.metrics.flush()
    assert len(bench.metrics._tenants) == 0
    bench.store.close()
