"""Guards stop queries and name what was too much."""

from __future__ import annotations

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import LimitExceeded, TimedOut
from appliance.query.limits import QueryGuard, QueryLimits

LIMITS = QueryLimits(timeout_seconds=5, max_samples=10, max_bytes=100, max_series=3)


@pytest.mark.parametrize(("count", "limit"), [("samples", 10), ("bytes", 100), ("series", 3)])
def test_counts_add_up_to_the_limit_and_no_further(count: str, limit: int) -> None:
    guard = QueryGuard(LIMITS, ManualClock())
    add = getattr(guard, f"add_{count}")
    add(limit - 1)
    add(1)
    with pytest.raises(LimitExceeded) as error:
        add(1)
    assert error.value.limit == f"limits.query.max_{count}"


async def test_deadline() -> None:
    clock = ManualClock()
    guard = QueryGuard(LIMITS, clock)
    await clock.advance(4.9)
    guard.check()
    await clock.advance(0.2)
    with pytest.raises(TimedOut, match="timed out"):
        guard.check()


def test_cancelled() -> None:
    guard = QueryGuard(LIMITS, ManualClock())
    guard.cancel()
    with pytest.raises(TimedOut, match="canceled"):
        guard.add_samples(1)
