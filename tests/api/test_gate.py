"""The gate counts running requests and knows when none runs."""

from __future__ import annotations

import asyncio

import pytest

from appliance.api.gate import Gate
from appliance.base.errors import Unavailable


def test_gate_counts() -> None:
    gate = Gate(2)
    gate.enter()
    gate.enter()
    with pytest.raises(Unavailable, match="2 requests"):
        gate.enter()
    gate.leave()
    gate.enter()


async def test_drained_when_the_last_request_leaves() -> None:
    gate = Gate(2)
    gate.enter()
    gate.enter()
    waiting = asyncio.ensure_future(gate.drain())
    await asyncio.sleep(0)
    assert gate.is_draining
    gate.leave()
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.leave()
    await asyncio.wait_for(waiting, 1)


async def test_nothing_to_drain() -> None:
    gate = Gate(1)
    await asyncio.wait_for(gate.drain(), 1)


def test_bytes_of_bodies_are_bounded_together() -> None:
    gate = Gate(2, max_bytes=100)
    gate.hold(60)
    with gate.holding(40), pytest.raises(Unavailable, match=r"100 bytes.*decompressed_bytes"):
        gate.hold(1)
    gate.hold(40)
    gate.release(100)
    gate.hold(100)
