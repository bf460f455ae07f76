"""All jobs and their targets: discovery, start and end of loops, reload, status."""

from __future__ import annotations

import asyncio
import functools
import logging
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
import numpy as np

from appliance.base.duration import print_duration
from appliance.base.errors import NotFound
from appliance.base.tasks import spawn
from appliance.ingest.discovery.sources import DiscoverySources
from appliance.ingest.scrape.failure_log import FailureLogs
from appliance.ingest.scrape.hand_over import HandOver
from appliance.ingest.scrape.job_yaml import job_yaml
from appliance.ingest.scrape.loop import ScrapeDeps, ScrapeLoop
from appliance.ingest.scrape.target import DroppedTarget, build_targets, global_url
from appliance.relabel import relabel_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.discovery.static import TargetGroup
    from appliance.ingest.scrape.config import PrometheusConfig, ScrapeConfig
    from appliance.ingest.scrape.target import Target
    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata
    from appliance.model.sources import MetricAppender
    from appliance.relabel import RelabelStep

_log = logging.getLogger(__name__)
_Key = tuple[str, str]
#: Prometheus' counters of broken limits, by the limit.
EXCEEDED_COUNTERS = {
    "sample_limit": (
        "prometheus_target_scrapes_exceeded_sample_limit_total",
        "Scrapes that hit the sample limit.",
    ),
    "body_size_limit": (
        "prometheus_target_scrapes_exceeded_body_size_limit_total",
        "Scrapes that hit the body size limit.",
    ),
    "native_histogram_bucket_limit": (
        "prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total",
        "Scrapes that hit the limit on buckets of native histograms.",
    ),
    "label_limits": (
        "prometheus_target_scrape_pool_exceeded_label_limits_total",
        "Scrapes that hit a limit on labels.",
    ),
    "target_limit": (
        "prometheus_target_scrape_pool_exceeded_target_limit_total",
        "Times that discovery found more targets than a job may have.",
    ),
}
#: The first scrapes of new targets are spread over this much time for each, at least a second, so
#: that a few targets show at once and a thousand do not come all together.
_FIRST_SECONDS_EACH = 0.02


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """A target as `/api/v1/targets` shows it.

    Attributes:
        last_scrape_ms: 0 before the first scrape.
        health: `unknown`, `up` or `down`.
        scrape_interval, scrape_timeout: As text, such as `15s`.
    """

    discovered_labels: Labels
    labels: Labels
    scrape_pool: str
    scrape_url: str
    global_url: str
    last_error: str
    last_scrape_ms: int
    last_scrape_duration_seconds: float
    health: str
    scrape_interval: str
    scrape_timeout: str


@dataclass(slots=True)
class _Pool:
    """One job, and what relabelling dropped of its targets."""

    job: ScrapeConfig
    dropped: Sequence[DroppedTarget] = ()
    errors: Sequence[str] = ()


@dataclass(slots=True)
class _Running:
    loop: ScrapeLoop
    task: asyncio.Task[None] = field(repr=False)


class ScrapeManager:
    """Scrapes what a configuration says; a component.

    Args:
        config: What to scrape.
        appender: Where samples go.
        clock: All waiting is done by it.
        telemetry: Own metrics.
        tenant: Whose samples these are.
        max_body_bytes: The most that is read of a target whose job sets no limit.
        host_name: What local addresses are called elsewhere; None asks the system.
        commit_window_seconds: How long a scrape may wait for others to share its transaction.

    Invariant: a target is scraped by one loop at most; a target that comes back before its
    staleness markers were written goes on as if it had never gone.
    """

    name = "scrape"

    def __init__(
        self,
        config: PrometheusConfig,
        appender: MetricAppender,
        clock: Clock,
        telemetry: Telemetry,
        *,
        tenant: str = "anonymous",
        max_body_bytes: int = 256 << 20,
        host_name: str | None = None,
        commit_window_seconds: float = 0.0,
    ) -> None:
        self._clock = clock
        self._host_name = host_name or socket.gethostname()
        self._pools: dict[str, _Pool] = {}
        self._running: dict[_Key, _Running] = {}
        self._ending: dict[_Key, _Running] = {}
        self._session: aiohttp.ClientSession | None = None
        self._changed = asyncio.Lock()
        self._is_running = False
        self._deps = ScrapeDeps(
            appender=appender,
            clock=clock,
            session=self._get_session,
            live_ids=self._live_ids,
            tenant=tenant,
            max_body_bytes=max_body_bytes,
            scrapes=telemetry.counter(
                "appliance_scrape_scrapes_total",
                "Scrapes that worked, failed, or were lost on their way into the store.",
                ("outcome",),
            ),
            samples=telemetry.counter("appliance_scrape_samples_total", "Samples stored."),
            exceeded={
                limit: telemetry.counter(name, text)
                for limit, (name, text) in EXCEEDED_COUNTERS.items()
            },
            failures=FailureLogs(clock),
            hand_over=HandOver(clock, commit_window_seconds),
        )
        self._targets = telemetry.gauge("appliance_scrape_targets", "Targets that are scraped.")
        self._stirred = asyncio.Event()
        self._sources = DiscoverySources(
            self._get_session, clock, telemetry, changed=self._stirred.set
        )
        self._set_config(config)

    async def start(self) -> None:
        """Nothing is needed to be ready: targets are looked for while running."""

    async def run(self) -> None:
        """Scrape until cancelled; loops come and go when discovery finds other targets."""
        self._is_running = True
        try:
            await self._look()
            while True:
                self._stirred.clear()
                await self._sync()
                await self._stirred.wait()
        finally:
            self._is_running = False
            await self._cancel_all()

    async def stop(self) -> None:
        """Let go of all connections. No staleness markers: the targets are still there."""
        await self._cancel_all()
        await self._deps.hand_over.flush()
        await self._sources.stop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def apply(self, config: PrometheusConfig) -> None:
        """Change the configuration; targets that stay keep their state."""
        self._set_config(config)
        if self._is_running:
            await self._look()
            await self._sync()

    def targets(self) -> list[TargetStatus]:
        """Targets that are scraped, by job and address."""
        found = [self._status(entry.loop) for entry in self._running.values()]
        return sorted(found, key=lambda status: (status.scrape_pool, status.scrape_url))

    def dropped_targets(self) -> list[DroppedTarget]:
        """Targets that relabelling dropped; per job at most `keep_dropped_targets`, if set."""
        found: list[DroppedTarget] = []
        for pool in self._pools.values():
            limit = int(pool.job.keep_dropped_targets)
            found += list(pool.dropped)[:limit] if limit else list(pool.dropped)
        return found

    def dropped_counts(self) -> dict[str, int]:
        """Number of dropped targets by job, also those not kept."""
        return {name: len(pool.dropped) for name, pool in self._pools.items()}

    def pools(self) -> list[str]:
        """Names of all jobs, in the order of the configuration."""
        return list(self._pools)

    def pool_yaml(self, name: str) -> str:
        """The configuration of a job as YAML, with the defaults filled in and secrets hidden.

        Raises:
            NotFound: There is no such job.
        """
        return job_yaml(self._pool(name).job)

    def relabel_steps(self, name: str, labels: Labels) -> list[RelabelStep]:
        """What each step of a job's `relabel_configs` makes of a target's labels.

        Raises:
            NotFound: There is no such job.
        """
        return relabel_steps(labels, self._pool(name).job.relabel_configs)

    def discovery_errors(self) -> dict[str, list[str]]:
        """What is wrong with discovery now, by job; jobs without errors are left out."""
        found = {
            name: [*self._sources.errors(pool.job, pool.job.directory), *pool.errors]
            for name, pool in self._pools.items()
        }
        return {name: errors for name, errors in found.items() if errors}

    def _pool(self, name: str) -> _Pool:
        pool = self._pools.get(name)
        if pool is None:
            raise NotFound(f"scrape pool {name!r} not found")
        return pool

    def metadata(self) -> dict[str, list[MetricMetadata]]:
        """Type, help and unit by metric name; several when targets disagree."""
        found: dict[str, list[MetricMetadata]] = {}
        for entry in self._running.values():
            for name, metadata in entry.loop.metadata.items():
                known = found.setdefault(name, [])
                if metadata not in known:
                    known.append(metadata)
        return found

    def target_metadata(self) -> list[tuple[Labels, dict[str, MetricMetadata]]]:
        """Type, help and unit by metric name for every target, by its labels."""
        return [(item.loop.target.labels, item.loop.metadata) for item in self._running.values()]

    def _set_config(self, config: PrometheusConfig) -> None:
        self._pools = {job.job_name: _Pool(job) for job in config.jobs()}

    async def _look(self) -> None:
        """Look for targets where the configuration says."""
        pools = self._pools.values()
        await self._sources.look([(pool.job, pool.job.directory) for pool in pools])

    def _get_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    def _live_ids(self) -> NDArray[np.int64]:
        ids = [entry.loop.live_ids() for entry in self._running.values()]
        return np.concatenate(ids) if ids else np.zeros(0, dtype=np.int64)

    async def _sync(self) -> None:
        """Start, change and end loops so that they fit what is discovered."""
        async with self._changed:
            wanted: dict[_Key, tuple[Target, ScrapeConfig, str]] = {}
            for name, pool in list(self._pools.items()):
                groups = self._sources.groups(name, pool.job, pool.job.directory)
                self._discover(pool, groups, wanted, name=name)
            for key in [key for key in self._running if key not in wanted]:
                await self._retire(key)
            for key, (target, job, forced_error) in wanted.items():
                await self._ensure(
                    key, target, job, forced_error=forced_error, wanted_count=len(wanted)
                )
            self._targets.set(len(self._running))

    def _discover(
        self,
        pool: _Pool,
        groups: list[TargetGroup],
        wanted: dict[_Key, tuple[Target, ScrapeConfig, str]],
        *,
        name: str,
    ) -> None:
        job = pool.job
        found = build_targets(job, groups)
        if found.errors and found.errors != pool.errors:
            _log.warning("job %s: targets left out: %s", name, "; ".join(found.errors[:5]))
        pool.dropped, pool.errors = found.dropped, found.errors
        forced_error = ""
        if 0 < job.target_limit < len(found.targets):
            numbers = f"number of targets: {len(found.targets)}, limit: {job.target_limit}"
            forced_error = f"target_limit exceeded ({numbers})"
            self._deps.exceeded["target_limit"].inc()
        for target in found.targets:
            wanted[name, target.key] = (target, job, forced_error)

    async def _ensure(
        self,
        key: _Key,
        target: Target,
        job: ScrapeConfig,
        *,
        forced_error: str,
        wanted_count: int,
    ) -> None:
        """Make sure that a target is scraped, by this configuration."""
        running = self._running.get(key)
        if running is not None and running.loop.job == job and not running.task.done():
            running.loop.target = target
            running.loop.forced_error = forced_error
            return
        if running is None:
            running = self._ending.pop(key, None)
        if running is None:
            loop = ScrapeLoop(target, job, self._deps)
            loop.first_within_seconds = max(1.0, _FIRST_SECONDS_EACH * wanted_count)
        else:
            loop = running.loop
            await _cancelled(running.task)
            loop.update(target, job)
        loop.forced_error = forced_error
        task = spawn(loop.run(), name=f"scrape {target.url}")
        self._running[key] = _Running(loop, task)

    async def _retire(self, key: _Key) -> None:
        """Stop scraping a target and see to its staleness markers."""
        entry = self._running.pop(key)
        await _cancelled(entry.task)
        task = spawn(entry.loop.end(), name=f"end of {entry.loop.target.url}")
        ending = self._ending[key] = _Running(entry.loop, task)
        task.add_done_callback(functools.partial(self._ended, key, ending))

    def _ended(self, key: _Key, entry: _Running, _task: asyncio.Task[None]) -> None:
        if self._ending.get(key) is entry:
            del self._ending[key]

    async def _cancel_all(self) -> None:
        entries = [*self._running.values(), *self._ending.values()]
        for entry in entries:
            entry.task.cancel()
        for entry in entries:
            await _cancelled(entry.task)

    def _status(self, loop: ScrapeLoop) -> TargetStatus:
        target = loop.target
        return TargetStatus(
            discovered_labels=target.discovered_labels,
            labels=target.labels,
            scrape_pool=loop.job.job_name,
            scrape_url=target.url,
            global_url=global_url(target.url, self._host_name),
            last_error=loop.last_error,
            last_scrape_ms=loop.last_scrape_ms,
            last_scrape_duration_seconds=loop.last_duration_seconds,
            health=loop.health,
            scrape_interval=print_duration(target.interval_ms),
            scrape_timeout=print_duration(target.timeout_ms),
        )


async def _cancelled(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has ended, whatever way."""
    task.cancel()
    await asyncio.wait([task])
