"""Start order, crash policy, stop order."""

from __future__ import annotations

import asyncio

import pytest

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.supervisor import Supervisor


class Part:
    """A component that writes down what happens to it."""

    def __init__(self, name: str, journal: list[str], *, failures: int = 0) -> None:
        self.name = name
        self._journal = journal
        self._failures = failures

    async def start(self) -> None:
        self._journal.append(f"start {self.name}")

    async def run(self) -> None:
        if self._failures:
            self._failures -= 1
            raise RuntimeError("lost its way")
        self._journal.append(f"run {self.name}")
        await asyncio.Event().wait()

    async def stop(self) -> None:
        self._journal.append(f"stop {self.name}")


async def test_parts_start_in_order_and_stop_in_reverse() -> None:
    journal: list[str] = []
    supervisor = Supervisor(ManualClock(), Telemetry())
    await supervisor.start(Part("a", journal), Part("b", journal))
    supervisor.set_started()
    await asyncio.sleep(0)
    assert supervisor.is_ready()
    await supervisor.stop()
    assert not supervisor.is_ready()
    assert [entry for entry in journal if not entry.startswith("run")] == [
        "start a",
        "start b",
        "stop b",
        "stop a",
    ]


async def test_failed_part_is_named_and_restarted_with_growing_pauses() -> None:
    journal: list[str] = []
    clock = ManualClock()
    supervisor = Supervisor(clock, Telemetry())
    await supervisor.start(Part("a", journal, failures=2))
    supervisor.set_started()
    await clock.advance(0)
    assert supervisor.problems() == ["a: failed RuntimeError: lost its way"]
    assert not supervisor.is_ready()
    await clock.advance(1)
    assert not supervisor.is_ready()
    await clock.advance(1.9)
    assert "run a" not in journal
    await clock.advance(0.2)
    assert "run a" in journal
    assert supervisor.is_ready()
    await supervisor.stop()


async def test_failing_start_leaves_the_earlier_parts_to_stop() -> None:
    journal: list[str] = []

    class Broken(Part):
        async def start(self) -> None:
            raise OSError("port taken")

    supervisor = Supervisor(ManualClock(), Telemetry())
    with pytest.raises(OSError, match="port taken"):
        await supervisor.start(Part("a", journal), Broken("b", journal))
    await supervisor.stop()
    assert journal[0] == "start a"
    assert journal[-1] == "stop a"
