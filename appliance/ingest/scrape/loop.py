"""The loop that scrapes one target (Prometheus 3, scrape/scrape).

Invariants:
- One scrape is one column: samples, staleness markers of series that have gone, and the report
  series (`up` and others), all at one time.
- A failed scrape ends every series of the target and sets `up` to 0.
- A target that is removed gets staleness markers a little over two intervals later, at the time of
  the first scrape it missed; a server that stops writes none, since it will go on after its start.
"""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import ApplianceError, Conflict, LimitExceeded, Unavailable
from appliance.base.tasks import run
from appliance.ingest.scrape.client import JobClient
from appliance.ingest.scrape.series import TargetSeries
from appliance.model.sample import STALE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    import aiohttp
    from numpy.typing import NDArray
    from prometheus_client import Counter

    from appliance.base.clock import Clock
    from appliance.ingest.scrape.client import Page
    from appliance.ingest.scrape.column import Column
    from appliance.ingest.scrape.config import ScrapeConfig
    from appliance.ingest.scrape.failure_log import FailureLogs
    from appliance.ingest.scrape.hand_over import HandOver
    from appliance.ingest.scrape.target import Target
    from appliance.model.sample import ColumnExtras, MetricMetadata
    from appliance.model.sources import MetricAppender

_log = logging.getLogger(__name__)
#: Scrapes that start this little after their time are noted at their time.
_TOLERANCE_MS = 2
#: Larger bodies are parsed in a worker thread.
_OFFLOAD_BYTES = 256 << 10
_REPORT = (
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
)
#: With `extra_scrape_metrics`.
_EXTRA_REPORT = ("scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes")


@dataclass(frozen=True, slots=True)
class ScrapeDeps:
    """What every loop needs.

    Attributes:
        live_ids: Ids of the series of all targets that are being scraped.
        exceeded: Counters of scrapes that broke a limit, by the limit's name.
    """

    appender: MetricAppender
    clock: Clock
    session: Callable[[], aiohttp.ClientSession]
    live_ids: Callable[[], NDArray[np.int64]]
    tenant: str
    max_body_bytes: int
    scrapes: Counter
    samples: Counter
    exceeded: Mapping[str, Counter]
    failures: FailureLogs
    hand_over: HandOver


class ScrapeLoop:
    """One target and what is known of it.

    Attributes:
        health: `unknown`, `up` or `down`.
        last_error: Of the last scrape; empty when it worked.
        forced_error: When set, no scrape is tried and each counts as failed for this reason.
        first_within_seconds: How soon a new target is scraped, if its own offset is not sooner.
        metadata: Type, help and unit by metric name.
    """

    def __init__(self, target: Target, job: ScrapeConfig, deps: ScrapeDeps) -> None:
        self.target = target
        self.job = job
        self.health = "unknown"
        self.last_error = ""
        self.forced_error = ""
        self.first_within_seconds = 1.0
        self.last_scrape_ms = 0
        self.last_duration_seconds = 0.0
        self.metadata: dict[str, MetricMetadata] = {}
        self._deps = deps
        self._client: JobClient | None = None
        self._series = TargetSeries(target.labels, job, deps.appender, tenant=deps.tenant)
        self._report_ids: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._body_bytes = 0

    def update(self, target: Target, job: ScrapeConfig) -> None:
        """Take over a changed configuration; what is known of the series stays."""
        if job != self.job:
            if job.extra_scrape_metrics != self.job.extra_scrape_metrics:
                self._report_ids = self._report_ids[:0]
            self.job = job
            self._client = None
            self._series.set_job(job)
        self.target = target

    def live_ids(self) -> NDArray[np.int64]:
        """Ids of the series that are alive, the report series included."""
        return np.concatenate([self._series.live_ids, self._report_ids])

    async def run(self) -> None:
        """Scrape at every interval, at an offset of the target's own, until cancelled."""
        clock, interval = self._deps.clock, self.target.interval_ms
        due = self._first_due(clock.now_ms())
        while True:
            await clock.sleep((due - clock.now_ms()) / 1000)
            now = clock.now_ms()
            is_on_time = abs(now - due) <= min(_TOLERANCE_MS, interval / 100)
            await self.scrape(due if is_on_time else now)
            now = clock.now_ms()
            is_clock_sane = due - now < interval  # else the wall clock was set back
            due = self._next_due(max(now, due) if is_clock_sane else now)

    def _first_due(self, now_ms: int) -> int:
        """Soon for a new target; later ones, and those of a restarted loop, are on the grid."""
        on_grid = self._next_due(now_ms)
        if self.last_scrape_ms:
            return on_grid
        spread_ms = max(1, int(self.first_within_seconds * 1000))
        return min(on_grid, now_ms + int(self.target.key, 16) % spread_ms)

    def _next_due(self, after_ms: int) -> int:
        """The first time after `after_ms` on the target's own grid of intervals."""
        interval = self.target.interval_ms
        offset = int(self.target.key, 16) % interval
        return after_ms - (after_ms - offset) % interval + interval

    async def scrape(self, timestamp_ms: int) -> None:
        """Scrape once; failures are noted, not raised."""
        clock = self._deps.clock
        began = clock.monotonic()
        error = self.forced_error
        column: Column | None = None
        self._body_bytes = 0
        if not error:
            try:
                column = await self._read(await self._fetch(), timestamp_ms)
                error = column.error
            except ApplianceError as failure:
                error = failure.message
                if isinstance(failure, LimitExceeded):
                    self._count_exceeded(failure.limit)
        if column is None:
            column = self._series.stale()
        self.last_duration_seconds = clock.monotonic() - began
        self.last_scrape_ms, self.last_error = timestamp_ms, error
        self.health = "down" if error else "up"
        self.metadata |= column.metadata
        self._deps.scrapes.labels("failed" if error else "ok").inc()
        if column.limit:
            self._count_exceeded(column.limit)
        if error and self.job.scrape_failure_log_file:
            self._deps.failures.write(
                self.job.scrape_failure_log_file,
                job_name=self.job.job_name,
                target=self.target.url,
                message=error,
            )
        await self._append(timestamp_ms, column)

    def _count_exceeded(self, limit: str) -> None:
        if limit == "body_size_limit":
            self._body_bytes = -1
        counter = self._deps.exceeded.get(limit)
        if counter is not None:
            counter.inc()

    async def _fetch(self) -> Page:
        if self._client is None:
            deps = self._deps
            self._client = JobClient(
                self.job, deps.session, deps.clock, max_body_bytes=deps.max_body_bytes
            )
        page = await self._client.fetch(self.target)
        self._body_bytes = len(page.body)
        return page

    async def _read(self, page: Page, timestamp_ms: int) -> Column:
        read = self._series.read
        is_large = self._series.is_new or len(page.body) > _OFFLOAD_BYTES
        return await run(read, page.body, page.content_type, timestamp_ms, offloaded=is_large)

    def _report(self, column: Column) -> list[float]:
        report = [
            float(self.health == "up"),
            self.last_duration_seconds,
            column.scraped,
            column.kept,
            column.added,
        ]
        if self.job.extra_scrape_metrics:
            limit = float(self.job.sample_limit)
            report += [self.target.timeout_ms / 1000, limit, float(self._body_bytes)]
        return report

    async def _append(self, timestamp_ms: int, column: Column) -> None:
        """Hand over a scrape; what the store cannot take is lost and counted."""
        report = self._report(column)
        deps, group = self._deps, f"{self.job.job_name}/{self.target.key}"
        try:
            ids = np.concatenate([column.ids, self._resolved_report()])
            values = np.concatenate([column.values, np.array(report, dtype=np.float64)])
            extras = _extended(column.extras, len(report))
            appends = [self._column_append(group, timestamp_ms, (ids, values), extras)]
            if column.stamped is not None:
                append = deps.appender.append
                appends.append(functools.partial(append, deps.tenant, column.stamped))
            await deps.hand_over.append(*appends)
        except (LimitExceeded, Unavailable) as error:
            _log.warning("scrape of %s is lost: %s", self.target.url, error)
            deps.scrapes.labels("lost").inc()
        except Conflict as error:  # retention forgot series that had no data left
            _log.info("scrape of %s is lost, the next one starts anew: %s", self.target.url, error)
            deps.scrapes.labels("lost").inc()
            self._series.forget()
            self._report_ids = self._report_ids[:0]
        else:
            deps.samples.inc(column.kept + len(report))

    def _column_append(
        self,
        group: str,
        timestamp_ms: int,
        samples: tuple[NDArray[np.int64], NDArray[np.float64]],
        extras: ColumnExtras | None = None,
    ) -> Callable[[], Future[None]]:
        """Appending a column; `extras` is left out when there are none."""
        deps = self._deps
        append = functools.partial(
            deps.appender.append_column, deps.tenant, group, timestamp_ms, *samples
        )
        return append if extras is None else functools.partial(append, extras=extras)

    def _resolved_report(self) -> NDArray[np.int64]:
        if not len(self._report_ids):
            names = _REPORT + (_EXTRA_REPORT if self.job.extra_scrape_metrics else ())
            labels = [self.target.labels.extended({"__name__": name}) for name in names]
            self._report_ids = self._deps.appender.resolve(self._deps.tenant, labels)
        return self._report_ids

    async def end(self) -> None:
        """Mark the series of a target that is gone as stale, a little later than it was gone."""
        if not self.last_scrape_ms:
            return
        deps, interval = self._deps, self.target.interval_ms
        stale_ms = self._next_due(deps.clock.now_ms())
        await deps.clock.sleep((stale_ms - deps.clock.now_ms() + interval * 1.1) / 1000)
        ids = np.setdiff1d(self.live_ids(), deps.live_ids())
        if len(ids):
            group = f"{self.job.job_name}/{self.target.key}"
            samples = (ids, np.full(len(ids), STALE))
            await deps.hand_over.append(self._column_append(group, stale_ms, samples))


def _extended(extras: ColumnExtras | None, count: int) -> ColumnExtras | None:
    """Extras of a column that gets `count` more samples, without start times."""
    if extras is None or extras.starts_ms is None:
        return extras
    none = np.zeros(count, dtype=np.int64)
    return replace(extras, starts_ms=np.concatenate([extras.starts_ms, none]))
