"""Scrapes of a moment go together."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import Conflict, Unavailable
from appliance.base.tasks import spawn
from appliance.ingest.scrape.hand_over import HandOver


class Queue:
    """A store that commits when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Future[None]] = []

    def append(self) -> Future[None]:
        future: Future[None] = Future()
        self.waiting.append(future)
        return future

    def refuse(self) -> Future[None]:
        raise Unavailable("full")


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_within_the_window_is_handed_over_together() -> None:
    clock, queue = ManualClock(), Queue()
    hand_over = HandOver(clock, 0.1)
    tasks = [spawn(hand_over.append(queue.append), name="scrape") for _ in range(3)]
    await settled()
    assert not queue.waiting
    await clock.advance(0.1)
    assert len(queue.waiting) == 3
    for future in queue.waiting[:2]:
        future.set_result(None)
    await settled()
    assert not any(task.done() for task in tasks)
    await asyncio.to_thread(queue.waiting[2].set_result, None)
    await asyncio.wait_for(asyncio.gather(*tasks), 5)


async def test_each_scrape_learns_what_became_of_it() -> None:
    clock, queue = ManualClock(), Queue()
    hand_over = HandOver(clock, 0.1)
    appends = [(queue.append,), (queue.append, queue.refuse), (queue.append,)]
    tasks = [spawn(hand_over.append(*one), name="scrape") for one in appends]
    await settled()
    await clock.advance(0.1)
    queue.waiting[0].set_result(None)
    queue.waiting[1].set_result(None)
    queue.waiting[2].set_exception(Conflict("forgotten"))
    await asyncio.wait(tasks, timeout=5)
    assert tasks[0].exception() is None
    assert isinstance(tasks[1].exception(), Unavailable)
    assert isinstance(tasks[2].exception(), Conflict)


async def test_a_stop_writes_what_still_waits() -> None:
    queue = Queue()
    hand_over = HandOver(ManualClock(), 10)
    task = spawn(hand_over.append(queue.append), name="scrape")
    await settled()
    task.cancel()
    await settled()
    stop = spawn(hand_over.flush(), name="stop")
    await settled()
    (future,) = queue.waiting
    future.set_result(None)
    await asyncio.wait_for(stop, 5)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_without_a_window_nothing_waits() -> None:
    queue = Queue()
    task = spawn(HandOver(ManualClock(), 0).append(queue.append), name="scrape")
    await settled()
    queue.waiting[0].set_result(None)
    await asyncio.wait_for(task, 5)
