"""Tailing that begins when there is something to tail."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from appliance.ingest.tail.manager import TailManager, TailSetup
from appliance.ingest.tail.service import TailService
from appliance.ingest.tail.status import TailStatus


class Manager(TailManager):
    """Notes what it is told."""

    def __init__(self, setup: TailSetup) -> None:
        self.told: list[TailSetup | None] = [setup]
        self.running = asyncio.Event()
        self.stopped = False

    async def run(self) -> None:
        self.running.set()
        await asyncio.Event().wait()

    async def stop(self) -> None:
        self.stopped = True

    async def apply(self, setup: TailSetup | None) -> None:
        self.told.append(setup)

    def status(self) -> TailStatus:
        return TailStatus(config="p.yml", sources=(), dropped=(), clients=(), errors=())


async def test_a_manager_is_made_with_the_first_configuration_and_kept() -> None:
    made: list[Manager] = []

    def make(setup: TailSetup) -> Manager:
        made.append(Manager(setup))
        return made[-1]

    service = TailService(None, make)
    running = asyncio.ensure_future(service.run())
    await service.apply(None)
    await asyncio.sleep(0)
    assert not made
    assert service.status().config == ""

    first, second = TailSetup(), TailSetup()
    await service.apply(first)
    await asyncio.wait_for(made[0].running.wait(), 5)
    await service.apply(second)
    await service.apply(None)
    running.cancel()
    await service.stop()

    assert len(made) == 1
    assert made[0].told == [first, second, None]
    assert made[0].stopped
    assert service.status().config == "p.yml"


def test_nothing_that_reads_lines_is_imported_before() -> None:
    code = (
        "import sys, appliance.ingest.tail.service\n"
        "print([n for n in sys.modules if n in ('aiohttp', 'numpy', 'yaml')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
