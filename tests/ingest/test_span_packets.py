"""Spans in UDP packets: grouped, bounded, every lost one counted."""

from __future__ import annotations

import asyncio

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import Unavailable
from appliance.base.telemetry import Telemetry
from appliance.ingest.span_packets import SpanPackets
from tests.api.receiving import Appender, counted, door
from tests.thrift_writing import binary_call, compact_call, emitted, i64, span, text

COMPACT = "jaeger_thrift_udp"
DROPPED = "appliance_udp_dropped_packets_total"


class Setup:
    def __init__(self, *, max_bytes: int = 1 << 20) -> None:
        self.appender, self.telemetry, self.clock = Appender(), Telemetry(), ManualClock()
        spans = door(self.appender, self.telemetry)
        self.packets = SpanPackets(
            lambda: spans, self.clock, self.telemetry, tenant="all", max_bytes=max_bytes
        )

    def dropped(self, reason: str) -> float:
        return counted(self.telemetry, DROPPED, listener=COMPACT, reason=reason)


def packet(name: str = "op") -> bytes:
    return compact_call("emitBatch", emitted(span(f5=text(name))))


async def test_packets_that_wait_are_one_append() -> None:
    setup = Setup()
    setup.packets.take(COMPACT, packet("a"))
    setup.packets.take("jaeger_thrift_binary_udp", binary_call("emitBatch", emitted(span())))
    await setup.packets.stop()
    ((tenant, batch),) = setup.appender.batches
    assert (tenant, len(batch), setup.appender.names()) == ("all", 2, ["a", "GET /"])
    name = "appliance_ingest_translated_spans_total"
    assert counted(setup.telemetry, name, protocol="jaeger_thrift_udp") == 2


async def test_packets_are_stored_as_they_come() -> None:
    setup = Setup()
    running = asyncio.ensure_future(setup.packets.run())
    for name in ("a", "b"):
        setup.packets.take(COMPACT, packet(name))
        await asyncio.wait_for(setup.appender.came.wait(), 5)
        setup.appender.came.clear()
    running.cancel()
    assert setup.appender.names() == ["a", "b"]
    assert counted(setup.telemetry, "appliance_udp_packets_total", listener=COMPACT) == 2


async def test_packets_that_are_being_stored_at_a_stop_are_not_lost() -> None:
    setup = Setup()
    running = asyncio.ensure_future(setup.packets.run())
    setup.packets.take(COMPACT, packet("a"))
    for _ in range(5):  # so that it has taken it off the queue, and waits for a worker
        await asyncio.sleep(0)
    running.cancel()
    await setup.packets.stop()
    assert setup.appender.names() == ["a"]


async def test_groups_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.ingest.span_packets._GROUP_BYTES", 2 * len(packet()))
    setup = Setup()
    for _ in range(5):
        setup.packets.take(COMPACT, packet())
    await setup.packets.stop()
    assert [len(batch) for _, batch in setup.appender.batches] == [2, 2, 1]


async def test_what_waits_is_bounded_and_told_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    setup = Setup(max_bytes=2 * len(packet()))
    for _ in range(5):
        setup.packets.take(COMPACT, packet())
    assert (setup.dropped("queue"), caplog.text.count("dropped")) == (3, 1)
    await setup.packets.stop()
    setup.packets.take(COMPACT, packet())
    assert setup.dropped("queue") == 3
    await setup.clock.advance(61)
    for _ in range(3):
        setup.packets.take(COMPACT, packet())
    assert (setup.dropped("queue"), caplog.text.count("dropped")) == (5, 2)


async def test_bad_packets_do_not_keep_the_others_out() -> None:
    setup = Setup()
    for each in (b"", b"{}", packet("good"), compact_call("other", emitted())):
        setup.packets.take(COMPACT, each)
    await setup.packets.stop()
    assert (setup.dropped("invalid"), setup.appender.names()) == (3, ["good"])


async def test_spans_without_ids_are_left_out() -> None:
    setup = Setup()
    batch = emitted(span(f3=i64(0)), span(f5=text("good")))
    setup.packets.take(COMPACT, compact_call("emitBatch", batch))
    await setup.packets.stop()
    assert setup.appender.names() == ["good"]
    assert counted(setup.telemetry, "appliance_ingest_rejected_total", signal="traces") == 1


async def test_what_the_store_cannot_take_is_counted_per_packet() -> None:
    setup = Setup()
    setup.appender.error = Unavailable("full")
    for _ in range(3):
        setup.packets.take(COMPACT, packet())
    await setup.packets.stop()
    assert setup.dropped("store") == 3
