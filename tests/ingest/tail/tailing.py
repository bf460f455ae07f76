"""A real tail manager over a real store, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.config.load import load_text
from appliance.ingest.log_limits import LogLimits
from appliance.ingest.logs import LogDoor
from appliance.ingest.tail.config import PromtailConfig
from appliance.ingest.tail.entry import EntryPipeline
from appliance.ingest.tail.manager import TailDeps, TailManager, TailSetup
from appliance.ingest.tail.push import PushTaker
from appliance.ingest.tail.stage_config import Stage
from appliance.ingest.tail.stages.pipeline import Pipeline
from appliance.model.log import LogChunk
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from tests.sources import make_guard

TENANT = "anonymous"
Read = tuple[dict[str, str], int, str]


def config_of(text: str) -> PromtailConfig:
    """A configuration, with files looked at all the time."""
    decoded = load_text(PromtailConfig, text, file="promtail.yml")
    assert decoded.value is not None and decoded.ok, [p.render() for p in decoded.problems]  # noqa: PT018
    return decoded.value


def make_pipeline(stages: tuple[Stage, ...], job: str) -> EntryPipeline | None:
    return Pipeline(stages, job) if stages else None


class Tailing:
    """A store and what tails into it."""

    def __init__(self, path: Path, **limits: int) -> None:
        self.path = path
        self.limits = LogLimits(**limits)
        self.telemetry = Telemetry()
        self.store = LogStore(
            path,
            LogOptions(),
            database=DatabaseOptions(synchronous="NORMAL"),
            clock=SystemClock(),
            telemetry=self.telemetry,
        )
        self.opened: list[PushTaker] = []
        self.manager: TailManager | None = None

    def entries(self, tenant: str = TENANT) -> list[Read]:
        """Everything that is stored: labels without the discovered ones, time, line; by time."""

        def work(chunk: LogChunk) -> list[Read]:
            labels = {n: v for n, v in chunk.labels if n != "service_name"}
            return [
                (labels, int(chunk.timestamps_ns[row]), chunk.line(row).decode())
                for row in range(len(chunk))
            ]

        parts = self.store.source(tenant).scan((), 0, 1 << 62, make_guard(), work=work)
        return sorted((entry for part in parts for entry in part), key=lambda entry: entry[1])

    def lines(self, tenant: str = TENANT) -> list[str]:
        """All lines by time."""
        return [line for _, _, line in self.entries(tenant)]

    async def wait_for(self, is_true: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(seconds):
            while not is_true():  # noqa: ASYNC110 - the store has no event for it
                await asyncio.sleep(0.01)

    async def wait_for_lines(self, count: int) -> list[str]:
        """Wait until so many lines are stored; the result are all lines."""
        try:
            await self.wait_for(lambda: len(self.lines()) >= count)
        except TimeoutError:
            raise AssertionError(f"{len(self.lines())} of {count}: {self.lines()}") from None
        return self.lines()

    async def _open_push(
        self, host: str, port: int, taker: PushTaker
    ) -> tuple[int, Callable[[], Awaitable[None]]]:
        self.opened.append(taker)
        assert host == ""

        async def close() -> None:
            self.opened.remove(taker)

        return port, close

    def make(self, config: PromtailConfig, **deps: Any) -> TailManager:
        """A manager that is not running yet."""
        door = LogDoor(self.store, SystemClock(), self.telemetry, limits=self.limits)
        given: Mapping[str, Any] = {
            "door": door,
            "appender": self.store,
            "keeper": self.store,
            "make_pipeline": make_pipeline,
            "own_ports": lambda: frozenset([3100]),
            "tenant": TENANT,
            "open_push": self._open_push,
            **deps,
        }
        setup = TailSetup(config, Path("promtail.yml"))
        return TailManager(setup, TailDeps(**given), SystemClock(), self.telemetry)

    @asynccontextmanager
    async def running(self, text: str, **deps: Any) -> AsyncIterator[TailManager]:
        """Tail as a configuration says."""
        manager = self.manager = self.make(config_of(FAST + text), **deps)
        await manager.start()
        task = asyncio.create_task(manager.run())
        try:
            yield manager
        finally:
            task.cancel()
            await asyncio.wait([task])
            await manager.stop()
        if not task.cancelled() and task.exception() is not None:
            raise task.exception()  # type: ignore[misc]

    def reopen(self) -> Tailing:
        """The same store after a restart."""
        self.store.close()
        return Tailing(self.path)

    def close(self) -> None:
        """Close the store."""
        self.store.close()


#: Look at files all the time.
FAST = "global: {file_watch_config: {min_poll_frequency: 10ms, max_poll_frequency: 10ms}}\n"


def job(path: object, *, name: str = "app", rest: str = "") -> str:
    """A configuration with one job of files."""
    return f"""\
clients: [{{url: "http://loki:3100/loki/api/v1/push"}}]
positions: {{filename: {Path(str(path)).parent}/positions.yaml, sync_period: 50ms}}
scrape_configs:
  - job_name: {name}
    static_configs: [{{targets: [localhost], labels: {{job: {name}, __path__: "{path}"}}}}]
{rest}"""
