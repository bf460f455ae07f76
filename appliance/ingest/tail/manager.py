"""promtail's jobs as one component: discovery, files, other sources, positions, reload, status."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from appliance.base.errors import Unavailable
from appliance.base.tasks import attempt, offload, spawn
from appliance.ingest.discovery.sources import DiscoverySources
from appliance.ingest.tail.config import PromtailConfig
from appliance.ingest.tail.files.follower import Follower
from appliance.ingest.tail.files.mark import MARKS
from appliance.ingest.tail.job import Job, JobParts
from appliance.ingest.tail.metrics import TailMetrics
from appliance.ingest.tail.outlet import Outlet
from appliance.ingest.tail.positions import PositionsFile, read_positions
from appliance.ingest.tail.saved import Saved, imported_mark, saved_positions
from appliance.ingest.tail.status import ClientStatus, TailStatus, described
from appliance.ingest.tail.streams import LineLimits, Timeline
from appliance.ingest.tail.targets import host_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.tail.config import TailConfig
    from appliance.ingest.tail.job import MakePipeline
    from appliance.ingest.tail.outlet import MarkedDoor
    from appliance.ingest.tail.push import OpenPush
    from appliance.ingest.tail.source import Source
    from appliance.model.sources import LogAppender, MarkKeeper

_log = logging.getLogger(__name__)
#: A source that failed is started again after this time.
_RESTART_SECONDS = 5.0
#: Marks are enough for us: promtail's file is written only where a configuration names one.
_USUAL_POSITIONS = PromtailConfig().positions.filename


@dataclasses.dataclass(frozen=True, slots=True)
class TailSetup:
    """What is to be tailed.

    Attributes:
        file: Where `config` was read; None when nothing was configured.
    """

    config: PromtailConfig = dataclasses.field(default_factory=PromtailConfig)
    file: Path | None = None

    @property
    def directory(self) -> Path:
        """Where names of files start."""
        return Path() if self.file is None else self.file.parent


@dataclasses.dataclass(frozen=True, slots=True)
class TailDeps:
    """What tailing works with.

    Attributes:
        door: Where entries enter the store.
        appender: Takes marks that come without entries.
        keeper: The marks.
        make_pipeline: Makes a job's stages; None when it has none.
        own_ports: Ports at which this server takes pushes.
        tenant: Whose entries are those of no tenant.
        open_push: Opens a listener for `loki_push_api`.
        host_for: Where a listener may be opened, given the address of the configuration and whose
            it is.
    """

    door: MarkedDoor
    appender: LogAppender
    keeper: MarkKeeper
    make_pipeline: MakePipeline
    own_ports: Callable[[], frozenset[int]]
    tenant: str
    open_push: OpenPush
    host_for: Callable[[str, str], str] = lambda host, _: host


class TailManager:
    """Tails what a configuration says; a component.

    Invariant: where everything stands is in the store; starting, also after a failure, reads it
    from there.
    """

    name = "tail"

    def __init__(
        self, setup: TailSetup, deps: TailDeps, clock: Clock, telemetry: Telemetry
    ) -> None:
        self._setup = setup
        self._deps = deps
        self._clock = clock
        self._metrics = TailMetrics(telemetry)
        self._timeline = Timeline(clock)
        self._host = host_name()
        self._session: aiohttp.ClientSession | None = None
        self._stirred = asyncio.Event()
        self._discovery = DiscoverySources(
            self._open_session, clock, telemetry, changed=self._stirred.set
        )
        self._limits = LineLimits(setup.config.limits_config, self._metrics)
        self._outlet: Outlet | None = None
        self._outlet_of: tuple[object, ...] = ()
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[Source, asyncio.Task[None]] = {}
        # What stopped sources that wait to be started again.
        self._failed: dict[Source, str] = {}
        self._changing = asyncio.Lock()
        self._is_running = False
        self._is_importing = False
        self._follower = Follower(
            self._get_outlet,
            deps.keeper,
            clock,
            metrics=self._metrics,
            limits=lambda: self._limits,
        )

    async def start(self) -> None:
        """Nothing is needed to be ready: files are looked for while running."""

    async def run(self) -> None:
        """Tail until cancelled."""
        self._is_running = True
        others = []
        try:
            await self._change(self._setup)
            others = [
                spawn(self._follower.run(), name="tail files"),
                spawn(self._keep_discovering(), name="tail discovery"),
                spawn(self._keep_positions(), name="tail positions"),
            ]
            done, _ = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._is_running = False
            await _cancelled(others)
            await self._end_all()

    async def stop(self) -> None:
        """Let go of files and connections; what stages hold is read again at the next start."""
        await self._discovery.stop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def apply(self, setup: TailSetup | None) -> None:
        """Change the configuration; jobs that stay as they are go on as they are.

        Args:
            setup: None when nothing is to be tailed any more.
        """
        setup = setup or TailSetup()
        self._setup = setup
        if self._is_running:
            await self._change(setup)

    @property
    def setup(self) -> TailSetup:
        """What is configured."""
        return self._setup

    def status(self) -> TailStatus:
        """What is going on now."""
        jobs = self._jobs.values()
        clients = [] if self._outlet is None else self._outlet.status()
        found = [status for job in jobs for status in job.status()]
        errors = [
            f"{name}: {error}"
            for name, job in self._jobs.items()
            for error in self._discovery.errors(job.discovery, self._setup.directory)
        ]
        errors += [
            f"{n}: {job.followed.error}" for n, job in self._jobs.items() if job.followed.error
        ]
        errors += [
            f"{name}: {source}: {self._failed[source]}"
            for name, job in self._jobs.items()
            for source in job.sources
            if source in self._failed
        ]
        return TailStatus(
            config="" if self._setup.file is None else str(self._setup.file),
            sources=sorted(found, key=lambda status: (status.job, status.kind.value, status.name)),
            dropped=[target for job in jobs for target in job.dropped],
            clients=[ClientStatus(*client) for client in clients],
            errors=errors,
        )

    # -- change

    async def _change(self, setup: TailSetup) -> None:
        async with self._changing:
            config = setup.config
            wanted = {job.job_name: job for job in config.scrape_configs}
            await self._change_outlet(setup)
            await self._keep_only(wanted)
            saved = await offload(self._read_saved, setup)
            self._is_importing = bool(saved.positions)
            parts = self._parts(setup, saved)
            kept = self._jobs
            self._jobs = {n: kept.get(n) or Job(n, job, parts) for n, job in wanted.items()}
            self._follower.poll_seconds = config.global_config.file_watch.seconds
            self._follower.find_seconds = config.target_config.sync_period.seconds
            await self._follower.set_jobs([job.followed for job in self._jobs.values()])
            await self._look(setup)
            await self._sync_sources()

    async def _keep_only(self, wanted: Mapping[str, TailConfig]) -> None:
        """End the jobs that are no more, or others now: what they read is in the store then."""
        before = self._jobs
        self._jobs = {name: job for name, job in before.items() if wanted.get(name) == job.config}
        await self._sync_sources()
        await self._follower.set_jobs([job.followed for job in self._jobs.values()])
        for name, job in before.items():
            if name not in self._jobs:
                await attempt(job.end(), name=f"tail job {name!r}")

    async def _change_outlet(self, setup: TailSetup) -> None:
        before, config = self._outlet, setup.config
        wanted = (config.clients, config.client, config.limits_config, setup.directory)
        if before is not None and wanted == self._outlet_of:
            return
        self._outlet_of = wanted
        self._limits = LineLimits(config.limits_config, self._metrics)
        outlet = Outlet(
            setup.config,
            self._deps.door,
            self._clock,
            metrics=self._metrics,
            limits=self._limits,
            own_ports=self._deps.own_ports(),
            tenant=self._deps.tenant,
            directory=setup.directory,
        )
        outlet.start()
        self._outlet = outlet
        if before is not None:
            await before.close()

    def _read_saved(self, setup: TailSetup) -> Saved:
        return saved_positions(
            self._deps.keeper.marks(MARKS),
            frozenset(job.job_name for job in setup.config.scrape_configs),
            setup.config.positions.filename,
            lambda: read_positions(setup.config.positions),
        )

    async def _note_import(self) -> None:
        """Never read promtail's positions again: by now marks tell."""
        if self._is_importing:
            mark = imported_mark(self._setup.config.positions.filename)
            try:
                await asyncio.wrap_future(self._deps.appender.append_many([], {mark: "1"}))
            except Unavailable as error:
                _log.debug("promtail's positions are not noted as read so far: %s", error)
                return
        self._is_importing = False

    def _parts(self, setup: TailSetup, saved: Saved) -> JobParts:
        return JobParts(
            outlet=self._get_outlet,
            clock=self._clock,
            timeline=self._timeline,
            metrics=self._metrics,
            saved=saved,
            host=self._host,
            session=self._open_session,
            directory=setup.directory,
            poll_seconds=setup.config.global_config.file_watch.seconds,
            make_pipeline=self._deps.make_pipeline,
            open_push=self._deps.open_push,
            host_for=self._deps.host_for,
        )

    async def _look(self, setup: TailSetup) -> None:
        """Look for targets where the configuration says."""
        jobs = [
            (config, setup.directory)
            for job in self._jobs.values()
            for config in (job.discovery, *job.docker_sections)
        ]
        await self._discovery.look(jobs)
        self._sync_targets()

    def _sync_targets(self) -> None:
        """Tell jobs what discovery has found."""
        count = 0
        for name, job in self._jobs.items():
            directory = self._setup.directory
            job.take_groups(self._discovery.groups(f"tail/{name}", job.discovery, directory))
            for number, section in enumerate(job.docker_sections):
                label = f"tail/{name}/docker/{number}"
                groups = self._discovery.groups(label, section, directory)
                job.take_containers(number, groups)
            count += len(job.followed.targets)
        self._metrics.targets.set(count)

    async def _keep_discovering(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            async with self._changing:
                self._sync_targets()
                await self._sync_sources()

    async def _sync_sources(self) -> None:
        """Run exactly the sources that jobs have now."""
        wanted = {source: job.name for job in self._jobs.values() for source in job.sources}
        for source in [source for source in self._tasks if source not in wanted]:
            await _cancelled([self._tasks.pop(source)])
        for source, job in wanted.items():
            if source not in self._tasks:
                work = self._keep_running(source, job)
                self._tasks[source] = spawn(work, name=f"tail {source}")

    async def _keep_running(self, source: Source, job: str) -> None:
        def fail(error: Exception) -> None:
            self._failed[source] = described(error)
            self._metrics.failures.labels(job).inc()

        try:
            while True:
                await attempt(source.run(), name=str(source), failed=fail)
                await self._clock.sleep(_RESTART_SECONDS)
                self._failed.pop(source, None)
        finally:
            self._failed.pop(source, None)

    async def _keep_positions(self) -> None:
        """Keep promtail's file up to date, if there is one of its own."""
        while True:
            config = self._setup.config.positions
            file = PositionsFile(Path(config.filename))
            while config is self._setup.config.positions:
                await self._clock.sleep(config.sync_period.seconds)
                await self._note_import()
                if config.filename != _USUAL_POSITIONS and self._jobs:
                    await offload(file.write, *self._positions())

    def _positions(self) -> tuple[dict[str, int], dict[str, str]]:
        """Of files and of what is no file; sources change theirs in this thread only."""
        files: dict[str, int] = {}
        cursors: dict[str, str] = {}
        for job in self._jobs.values():
            files |= job.file_positions()
            cursors |= job.cursors()
        return files, cursors

    # -- end

    async def _end_all(self) -> None:
        await _cancelled(list(self._tasks.values()))
        self._tasks.clear()
        await self._follower.stop()
        if self._outlet is not None:
            await self._outlet.close()
            self._outlet = None
        self._jobs = {}

    def _get_outlet(self) -> Outlet:
        assert self._outlet is not None, "sources run only while there is an outlet"  # noqa: S101
        return self._outlet

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def refresh(self) -> None:
        """Look for new files at once."""
        self._follower.look_for_files()


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
