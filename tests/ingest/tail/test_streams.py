"""Times, streams and limits."""

from __future__ import annotations

import pytest

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.tail.config import LimitsConfig
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.metrics import TailMetrics
from appliance.ingest.tail.streams import LineLimits, Timeline, group
from appliance.model.labels import Labels


def test_no_time_is_given_twice() -> None:
    clock = ManualClock(1000)
    timeline = Timeline(clock)
    first = timeline.take(3)
    assert first == clock.now_ns()
    assert timeline.take(1) == first + 3


async def test_time_goes_on_with_the_clock() -> None:
    clock = ManualClock(1000)
    timeline = Timeline(clock)
    timeline.take(3)
    await clock.advance(1)
    assert timeline.take(1) == clock.now_ns()


def test_entries_are_grouped_by_tenant_and_labels_in_any_order() -> None:
    entries = [
        Entry({"a": "1", "b": "2"}, 5, "x"),
        Entry({"a": "1"}, 6, "y", tenant="t"),
        Entry({"a": "1", "b": "2"}, 7, "z\ud800", metadata={"k": "v", "c": "d"}),
        Entry({"a": "1", "__tenant_id__": "u"}, 8, "w"),
    ]
    found = [
        (tenant, batch.labels, batch.timestamps_ns.tolist(), list(batch.lines), batch.metadata)
        for tenant, batch in group(entries)
    ]
    one, both = Labels.of({"a": "1"}), Labels.of({"a": "1", "b": "2"})
    assert found == [
        ("", both, [5, 7], [b"x", b"z?"], [(), (("c", "d"), ("k", "v"))]),
        ("t", one, [6], [b"y"], None),
        ("u", one, [8], [b"w"], None),
    ]


def test_lines_wait_when_they_come_too_fast() -> None:
    config = LimitsConfig(readline_rate_enabled=True, readline_rate=100.0, readline_burst=50)
    limits = LineLimits(config, TailMetrics(Telemetry()))
    assert limits.wait_for(50, now=1000.0) == 0.0
    assert limits.wait_for(10, now=1000.0) == pytest.approx(0.1)
    assert limits.wait_for(0, now=1000.2) == 0.0


def test_lines_do_not_wait_unless_told() -> None:
    limits = LineLimits(LimitsConfig(), TailMetrics(Telemetry()))
    assert limits.wait_for(10**9, now=0.0) == 0.0
