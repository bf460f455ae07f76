"""All containers of one Docker daemon (promtail, `docker_sd_configs`).

Invariants:
- A container is followed once. Its mark is the time of the last line stored and the number of lines
  at that time: Docker gives lines from a time on, so the rest is skipped.
- What the stages hold back is read again after a crash; what comes twice by that has the same time
  and is stored once.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from appliance.base.errors import ApplianceError, BadInput, Unavailable
from appliance.base.tasks import spawn
from appliance.http_client.client import HttpClient
from appliance.ingest.tail.docker.frames import FrameReader
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.files.mark import MARKS, quoted
from appliance.ingest.tail.labels import EntryLabels
from appliance.ingest.tail.status import SourceKind, SourceStatus
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from appliance.ingest.discovery.docker import DockerSdConfig
    from appliance.ingest.tail.config import TailConfig
    from appliance.ingest.tail.docker.frames import DockerLine
    from appliance.ingest.tail.entry import Origin
    from appliance.ingest.tail.job import JobParts
    from appliance.ingest.tail.source import SourceFeed

_ID = "__meta_docker_container_id"
_STREAM = "__meta_docker_container_log_stream"
#: A stream has no end, so neither has the time it may take.
_FOREVER_SECONDS = 10 * 365 * 86_400.0
_ANSWER_SECONDS = 30.0
#: Containers whose stream has ended are asked for again.
_AGAIN_SECONDS = 2.0
_SECOND = 10**9


@dataclass(slots=True)
class Position:
    """How far a container's log was read: up to the count-th line at a time."""

    time_ns: int = 0
    count: int = 0

    @classmethod
    def decode(cls, text: str) -> Position:
        """A position from a mark, or from promtail, which keeps whole seconds."""
        time_text, _, count = text.partition(" ")
        if not time_text.isdecimal():
            return cls()
        if not count:
            return cls(int(time_text) * _SECOND, 0)
        return cls(int(time_text), int(count) if count.isdecimal() else 0)

    def encode(self) -> str:
        """The position as a mark."""
        return f"{self.time_ns} {self.count}"

    @property
    def since(self) -> str:
        """The time as Docker takes it."""
        return f"{self.time_ns // _SECOND}.{self.time_ns % _SECOND:09d}"


@dataclass(slots=True)
class _Container:
    """One container that is followed."""

    number: str
    facts: Mapping[str, str]
    position: Position
    task: asyncio.Task[None] | None = None
    lines: int = 0
    read_ms: int = 0
    error: str = ""

    @contextlib.contextmanager
    def moved(self, position: Position) -> Iterator[None]:
        """Move to a position, and back when that fails."""
        before, self.position = self.position, position
        try:
            yield
        except BaseException:
            self.position = before
            raise


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where an entry came from: the position before it."""

    container: _Container
    before: Position


class DockerSource:
    """Follows the containers that discovery finds.

    Args:
        config: The job.
        section: The daemon.
    """

    def __init__(
        self, config: TailConfig, section: DockerSdConfig, feed: SourceFeed, parts: JobParts
    ) -> None:
        self._job = config.job_name
        self._section = section
        self._feed = feed
        self._parts = parts
        self._labels = EntryLabels(config.relabel_configs, {})
        self._wanted: dict[str, Mapping[str, str]] = {}
        self._containers: dict[str, _Container] = {}
        self._changed = asyncio.Event()
        self._socket: aiohttp.ClientSession | None = None
        host = section.host.replace("tcp://", "http://", 1).rstrip("/")
        self._url = "http://docker" if section.socket_path else host
        self._http = HttpClient(section, self._session, parts.clock, directory=parts.directory)

    def __str__(self) -> str:
        return f"containers of {self._section.host} for job {self._job}"

    def set_containers(self, targets: Sequence[Mapping[str, str]]) -> None:
        """Follow these containers; of several targets of a container the first one counts."""
        wanted: dict[str, Mapping[str, str]] = {}
        for target in targets:
            if _ID in target:
                wanted.setdefault(target[_ID], target)
        self._wanted = wanted
        self._changed.set()

    async def run(self) -> None:
        """See `Source`."""
        flushing = spawn(self._feed.flush_regularly(), name=f"flush {self}")
        try:
            while True:
                self._changed.clear()
                self._follow_wanted()
                waiting = spawn(self._changed.wait(), name=f"changes of {self}")
                await asyncio.wait([waiting], timeout=_AGAIN_SECONDS)
                waiting.cancel()
        finally:
            tasks = [one.task for one in self._containers.values() if one.task is not None]
            for task in [flushing, *tasks]:
                task.cancel()
            await asyncio.wait([flushing, *tasks])
            if self._socket is not None:
                await self._socket.close()
                self._socket = None

    def status(self) -> Sequence[SourceStatus]:
        """See `Source`."""
        return [
            SourceStatus(
                job=self._job,
                kind=SourceKind.DOCKER,
                name=one.number,
                labels=Labels.of(self._labels.of({**one.facts, _STREAM: "stdout"}) or {}),
                position=one.position.since if one.position.time_ns else "",
                lines=one.lines,
                last_read_ms=one.read_ms,
                error=one.error,
            )
            for one in self._containers.values()
        ]

    def cursors(self) -> Mapping[str, str]:
        """See `Source`."""
        return {
            one.number: str(one.position.time_ns // _SECOND)
            for one in self._containers.values()
            if one.position.time_ns
        }

    def _follow_wanted(self) -> None:
        for number, facts in self._wanted.items():
            known = self._containers.get(number)
            if known is None:
                saved = self._parts.saved.position(self._mark_name(number), number)
                known = _Container(number, facts, Position.decode(saved))
                self._containers[number] = known
            if known.task is None or known.task.done():
                known.task = spawn(self._follow(known), name=f"log of container {number[:12]}")
        for number in [number for number in self._containers if number not in self._wanted]:
            task = self._containers[number].task
            if task is None or task.done():
                del self._containers[number]

    async def _follow(self, container: _Container) -> None:
        """Read one container's log to its end, which comes when the container stops."""
        try:
            facts = await self._json(f"/containers/{container.number}/json")
            has_terminal = bool((facts.get("Config") or {}).get("Tty"))
            reader = FrameReader(has_terminal)
            errors = 0
            skipped = Position(container.position.time_ns, container.position.count)
            async for data in self._stream(container):
                await self._take(container, reader.feed(data), skipped)
                self._parts.metrics.docker_errors.inc(reader.errors - errors)
                errors = reader.errors
            await self._take(container, reader.end(), skipped)
        except ApplianceError as error:
            container.error = error.message
        else:
            container.error = ""

    async def _take(
        self, container: _Container, lines: Sequence[DockerLine], skipped: Position
    ) -> None:
        """Deliver lines, but for those up to `skipped`, which counts down."""
        entries = []
        at = Position(container.position.time_ns, container.position.count)
        for stream, time_ns, line in lines:
            if time_ns < skipped.time_ns:
                continue
            if time_ns == skipped.time_ns and skipped.count:
                skipped.count -= 1
                continue
            origin = _Origin(container, at)
            at = Position(time_ns, at.count + 1 if at.time_ns == time_ns else 1)
            labels = self._labels.of({**container.facts, _STREAM: stream})
            if labels:
                text = line.decode("utf-8", "replace")
                entries.append(Entry(dict(labels), time_ns, text, origins=(origin,)))
        if at == container.position:
            return
        await self._feed.put(entries, self._marks, moved=container.moved(at))
        container.lines += len(entries)
        container.read_ms = self._parts.clock.now_ms()
        self._parts.metrics.docker_entries.inc(len(entries))

    def _marks(self, held: Sequence[Origin]) -> dict[str, str]:
        """Positions of all containers, those with held lines before the first of these."""
        positions = {
            number: one.position for number, one in self._containers.items() if one.position.time_ns
        }
        for origin in reversed(held):
            if isinstance(origin, _Origin):
                positions[origin.container.number] = origin.before
        return {self._mark_name(number): one.encode() for number, one in positions.items()}

    def _mark_name(self, number: str) -> str:
        return f"{MARKS}{quoted(self._job)}/docker/{number}"

    async def _json(self, path: str) -> Any:
        async with self._http.request(self._url + path, timeout_seconds=_ANSWER_SECONDS) as answer:
            body = await answer.read()
            if answer.status != 200:
                raise Unavailable(_refusal(path, answer.status, body))
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadInput(f"{path}: {error}") from error

    async def _stream(self, container: _Container) -> AsyncIterator[bytes]:
        path = f"/containers/{container.number}/logs"
        query = f"?follow=1&stdout=1&stderr=1&timestamps=1&since={container.position.since}"
        url = self._url + path + query
        async with self._http.request(url, timeout_seconds=_FOREVER_SECONDS) as answer:
            if answer.status != 200:
                raise Unavailable(_refusal(path, answer.status, await answer.read()))
            container.error = ""
            async for data in answer.content.iter_any():
                yield data

    def _session(self) -> aiohttp.ClientSession:
        if not self._section.socket_path:
            return self._parts.session()
        if self._socket is None or self._socket.closed:
            connector = aiohttp.UnixConnector(self._section.socket_path, limit=0)
            self._socket = aiohttp.ClientSession(connector=connector)
        return self._socket


def _refusal(path: str, status: int, body: bytes) -> str:
    return f"{path}: HTTP status {status}: {body[:200].decode('utf-8', 'replace').strip()}"
