"""The way of entries of sources through the stages: marks never run ahead of what is stored."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pytest

from appliance.base.clock import SystemClock
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.source import SourceFeed
from appliance.ingest.tail.stages.pipeline import Pipeline
from tests.ingest.tail.tailing import config_of

MULTILINE = """\
scrape_configs:
  - job_name: app
    pipeline_stages: [{multiline: {firstline: '^\\S', max_wait_time: 60s}}]
"""


class Outlet:
    """Takes entries when it is open."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.is_asked = asyncio.Event()
        self.lines: list[str] = []
        self.marks: list[dict[str, str]] = []

    async def send(self, streams: Sequence[Any], marks: Mapping[str, str], **_: str) -> None:
        self.is_asked.set()
        await self.is_open.wait()
        self.lines += [line.decode() for _, batch in streams for line in batch.lines]
        self.marks.append(dict(marks))


class Reader:
    """A source with one position."""

    def __init__(self, feed: SourceFeed) -> None:
        self.feed = feed
        self.position = 0

    @contextmanager
    def moved(self, position: int) -> Iterator[None]:
        before, self.position = self.position, position
        try:
            yield
        except BaseException:
            self.position = before
            raise

    async def read(self, *lines: str) -> None:
        at = self.position + len(lines)
        await self.feed.put(entries(*lines), self.marks, moved=self.moved(at))

    def marks(self, _: Sequence[object]) -> dict[str, str]:
        return {"m": str(self.position)}


def entries(*lines: str) -> list[Entry]:
    return [Entry({"job": "app"}, number, line) for number, line in enumerate(lines, 1)]


def feed_to(outlet: Outlet, config: str = "") -> SourceFeed:
    stages = config_of(config).scrape_configs[0].pipeline_stages if config else ()
    pipeline = Pipeline(stages, "app") if stages else None
    return SourceFeed("app", pipeline, lambda: cast("Any", outlet), SystemClock())


async def test_entries_that_wait_for_their_turn_are_in_no_mark() -> None:
    outlet = Outlet()
    reader = Reader(feed_to(outlet))
    first = asyncio.create_task(reader.feed.put(entries("of another"), reader.marks))
    await asyncio.sleep(0)
    second = asyncio.create_task(reader.read("a", "b"))
    await outlet.is_asked.wait()
    outlet.is_open.set()
    await asyncio.gather(first, second)
    assert outlet.marks == [{"m": "0"}, {"m": "2"}]


async def test_a_position_goes_back_when_its_entries_are_not_stored() -> None:
    outlet = Outlet()
    reader = Reader(feed_to(outlet))
    task = asyncio.create_task(reader.read("a", "b"))
    await outlet.is_asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    outlet.is_open.set()
    await reader.feed.flush()
    assert (outlet.lines, outlet.marks) == (["a", "b"], [{"m": "0"}])


async def test_what_left_the_stages_in_vain_goes_first_at_the_next_time() -> None:
    outlet = Outlet()
    reader = Reader(feed_to(outlet, MULTILINE))
    outlet.is_open.set()
    await reader.read("held")
    assert outlet.lines == []
    outlet.is_open.clear()
    outlet.is_asked.clear()
    flushing = asyncio.create_task(reader.feed.flush())
    await outlet.is_asked.wait()
    flushing.cancel()
    await asyncio.wait([flushing])
    outlet.is_open.set()
    await reader.read("next", "after")
    assert outlet.lines == ["held", "next"]


async def test_the_stages_are_left_alone_only_when_their_thread_is_done() -> None:
    outlet = Outlet()
    feed = feed_to(outlet, MULTILINE)
    began, may_end = threading.Event(), threading.Event()
    pipeline = cast("Any", feed)._pipeline
    process = pipeline.process

    def slowly(given: Sequence[Entry]) -> list[Entry]:
        began.set()
        may_end.wait()
        return cast("list[Entry]", process(given))

    pipeline.process = slowly
    task = asyncio.create_task(feed.put(entries(*(f"line {n}" for n in range(600)))))
    await asyncio.to_thread(began.wait)
    task.cancel()
    await asyncio.sleep(0)
    outlet.is_open.set()
    flushing = asyncio.create_task(feed.flush())
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    await asyncio.wait([task])
    await flushing
    assert len(outlet.lines) == 600
