"""Queries take turns; those that run are written down."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from appliance.api.query_gate import QueryGate
from appliance.base.clock import ManualClock
from appliance.base.errors import TimedOut


async def test_only_so_many_run_at_a_time(tmp_path: Path) -> None:
    gate = QueryGate(2, tmp_path / "queries.active", ManualClock())
    running, most, total = 0, 0, 0

    async def query(number: int) -> None:
        nonlocal running, most, total
        async with gate.slot(f"q{number}", 10):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            total += 1

    await asyncio.gather(*(query(number) for number in range(10)))
    assert (most, total) == (2, 10)
    gate.close()


async def test_waiting_ends_at_the_deadline(tmp_path: Path) -> None:
    gate = QueryGate(1, tmp_path / "queries.active", ManualClock())
    async with gate.slot("first", 10):
        with pytest.raises(TimedOut, match="query timed out in query queue"):
            async with gate.slot("second", 0.01):
                raise AssertionError("it has no turn")
    async with gate.slot("third", 0.01):
        pass
    gate.close()


async def test_unfinished_queries_are_told_at_the_next_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "queries.active"
    gate = QueryGate(3, file, ManualClock())
    async with gate.slot("done", 10):
        pass
    crashed = gate.slot("sum(rate(heavy[1d]))", 10)
    await crashed.__aenter__()
    QueryGate(3, file, ManualClock()).close()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert "sum(rate(heavy[1d]))" in told[0]
    assert "1700000000" in told[0]
    await crashed.__aexit__(None, None, None)
    gate.close()
