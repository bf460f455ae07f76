"""Things are done at their times."""

from __future__ import annotations

import asyncio
import logging
from typing import Self

import pytest

from appliance.alertmanager.dispatch.agenda import Agenda
from appliance.base.clock import ManualClock
from appliance.base.tasks import spawn


class Run:
    """An agenda that runs, and what it did when."""

    def __init__(self) -> None:
        self.clock = ManualClock(0)
        self.agenda = Agenda(self.clock)
        self.done: list[tuple[float, str]] = []

    def do(self, what: str) -> None:
        self.done.append((self.clock.monotonic(), what))

    async def __aenter__(self) -> Self:
        self.task = spawn(self.agenda.run(), name="agenda")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


async def test_things_are_done_in_the_order_of_their_times() -> None:
    async with Run() as run:
        run.agenda.at(5, lambda: run.do("late"))
        await run.clock.advance(1)
        run.agenda.at(3, lambda: run.do("early"))
        run.agenda.at(0, lambda: run.do("past"))
        run.agenda.after(2, lambda: run.do("early, too"))
        run.agenda.at(4, lambda: run.do("never")).cancel()
        await run.clock.advance(9)
    assert run.done == [(1, "past"), (3, "early"), (3, "early, too"), (5, "late")]


async def test_what_is_done_may_ask_for_more_and_fail(caplog: pytest.LogCaptureFixture) -> None:
    async with Run() as run:

        def again() -> None:
            run.do("again")
            if len(run.done) < 4:
                run.agenda.after(1, again)
            raise RuntimeError("broken")

        run.agenda.at(1, again)
        with caplog.at_level(logging.ERROR):
            await run.clock.advance(10)
    assert [at for at, _ in run.done] == [1, 2, 3, 4]
    assert "broken" in caplog.text


async def test_others_run_between_many_things() -> None:
    async with Run() as run:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while len(run.done) < 1000:
                turns += 1
                await asyncio.sleep(0)

        for _ in range(1000):
            run.agenda.at(0, lambda: run.do("x"))
        await count()
    assert 5 <= turns < 100


async def test_an_idle_agenda_sleeps() -> None:
    async with Run() as run:
        run.agenda.at(100, lambda: run.do("x"))
        await run.clock.advance(1)
        for due in range(50, 10, -1):
            run.agenda.at(due, lambda: run.do("y"))
            await asyncio.sleep(0)
        await run.clock.advance(1)
        tasks = [one for one in asyncio.all_tasks() if "agenda" in one.get_name()]
        assert len(tasks) == 2  # it, and its one sleeper
