"""Spans of other protocols than OTLP."""

from __future__ import annotations

import threading

import pytest

from appliance.base.errors import BadInput
from appliance.wire.span_request import PlainSpan, SpanRequest
from tests.api.receiving import Appender, door


def request(*span_ids: int) -> bytes:
    made = SpanRequest()
    for number in span_ids:
        ids = b"\1" * 16, number.to_bytes(8, "big")
        made.add(PlainSpan(*ids, b"", f"op {number}", 0, 1, 2, {}, {}))
    return made.encode()


async def test_spans_without_ids_are_refused_with_reasons() -> None:
    appender = Appender()
    accepted = await door(appender).accept("t", request(1, 0), protocol="p", translate=bytes)
    assert (accepted.count, accepted.rejected_count) == (1, 1)
    assert "invalid span_id" in accepted.describe()
    assert appender.names() == ["op 1"]


@pytest.mark.parametrize(("size", "elsewhere"), [(10, False), (1 << 16, True)])
async def test_large_bodies_are_translated_in_a_worker(size: int, *, elsewhere: bool) -> None:
    threads = []

    def translate(_body: bytes) -> bytes:
        threads.append(threading.current_thread())
        return request(1)

    await door(Appender()).accept("t", bytes(size), protocol="p", translate=translate)
    assert (threads[0] is not threading.current_thread()) is elsewhere


async def test_bad_bodies_are_errors() -> None:
    def translate(_body: bytes) -> bytes:
        raise BadInput("no")

    with pytest.raises(BadInput, match="no"):
        await door(Appender()).accept("t", b"", protocol="p", translate=translate)
