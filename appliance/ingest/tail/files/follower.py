"""All followed files of all jobs as one loop: find, look, read, deliver, mark.

A round runs in a worker thread; its lines and marks are committed together before the next round's
are. So memory is bounded by a round, and a crash at any instant neither loses nor repeats a line.

A job that meets an error that nobody expected stops alone: what its round found is dropped, and its
files and stages are made anew after a while, from the marks in the store.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from appliance.base.tasks import attempt, attempt_call, offload, spawn
from appliance.ingest.tail.files.mark import mark_prefix
from appliance.ingest.tail.files.tailed_file import BLOCK_BYTES
from appliance.ingest.tail.saved import Saved
from appliance.ingest.tail.status import described

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from appliance.base.clock import Clock
    from appliance.ingest.tail.files.feed import JobFeed
    from appliance.ingest.tail.files.job_files import JobFiles
    from appliance.ingest.tail.files.mark import FileMark
    from appliance.ingest.tail.files.tailed_file import TailedFile
    from appliance.ingest.tail.metrics import TailMetrics
    from appliance.ingest.tail.outlet import Outlet
    from appliance.ingest.tail.streams import LineLimits, TenantStream
    from appliance.ingest.tail.targets import FileTarget
    from appliance.model.sources import MarkKeeper

#: Bytes read in one round, over all files.
_ROUND_BYTES = 4 * BLOCK_BYTES
#: Held lines are given out when they have waited for too long; looked at this often.
_FLUSH_SECONDS = 0.25
#: New files are looked for this often, but not for more than a fiftieth of the time.
_LEAST_FIND_SECONDS, _FIND_SHARE = 0.25, 50
#: Marks of files that are gone for so long are forgotten.
_LEFT_OVER_NS = 7 * 86_400 * 10**9
#: A job that an error has stopped is tried again after this time.
_RETRY_SECONDS = 5.0


class MakeFollowed(Protocol):
    """Makes files and stages of a job."""

    def __call__(self, marks: dict[str, FileMark], *, is_new: bool) -> tuple[JobFiles, JobFeed]:
        """Made from the marks of the job's files.

        Args:
            is_new: Nothing that they found has come into the store yet.
        """
        ...


@dataclass(slots=True)
class FollowedJob:
    """One job's files and stages.

    Attributes:
        make: Makes them anew.
        targets: What it is to follow; taken over at the next round.
        error: Why it is not followed now; empty when it is.
        retry_at: Monotonic seconds of when it is tried again.
        is_new: Nothing of its targets has come into the store yet.
    """

    name: str
    files: JobFiles
    feed: JobFeed
    make: MakeFollowed
    targets: Sequence[FileTarget] = ()
    error: str = ""
    retry_at: float = -math.inf
    is_new: bool = True
    _set: Sequence[FileTarget] | None = None

    def restart(self, marks: dict[str, FileMark]) -> None:
        """Begin anew after an error."""
        self.files, self.feed = self.make(marks, is_new=self.is_new)
        self._set = None

    def note_delivered(self) -> None:
        """What was found has come into the store."""
        self.error = ""
        self.is_new = self.is_new and not self._set

    def take_targets(self, now_ns: int) -> bool:
        """Follow the targets it has been given; whether they are others than before."""
        if self._set is self.targets:
            return False
        self._set = self.targets
        before = self.files.files
        self.files.set_targets(self.targets, now_ns)
        for file in set(before) - set(self.files.files):
            self.feed.forget(file)
        return True


@dataclass(slots=True)
class _Found:
    """What one round found in one job's files."""

    job: FollowedJob
    streams: list[TenantStream] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    read: list[TailedFile] = field(default_factory=list)
    lines: int = 0
    has_more: bool = False


class Follower:
    """See the module's docstring.

    Args:
        keeper: Forgets marks of files that are gone.
        poll_seconds: How often files are looked at.
        find_seconds: How often new files are looked for, at least.
    """

    def __init__(
        self,
        outlet: Callable[[], Outlet],
        keeper: MarkKeeper,
        clock: Clock,
        *,
        metrics: TailMetrics,
        limits: Callable[[], LineLimits],
        poll_seconds: float = 0.25,
        find_seconds: float = 10.0,
    ) -> None:
        self._outlet = outlet
        self._keeper = keeper
        self._clock = clock
        self._metrics = metrics
        self._limits = limits
        self.poll_seconds = poll_seconds
        self.find_seconds = find_seconds
        self._jobs: dict[str, FollowedJob] = {}
        self._found_at = -1e9
        self._find_wait = _LEAST_FIND_SECONDS
        self._flushed_at = -1e9
        self._busy = asyncio.Lock()

    @property
    def jobs(self) -> list[FollowedJob]:
        """Jobs that are followed."""
        return list(self._jobs.values())

    async def set_jobs(self, jobs: Sequence[FollowedJob]) -> None:
        """Follow these jobs from the next round on; those that are no longer among them end."""
        async with self._busy:
            before = self._jobs
            self._jobs = {job.name: job for job in jobs}
            for name, job in before.items():
                if self._jobs.get(name) is not job:
                    await self._end(job)
            self._found_at = -1e9

    async def _end(self, job: FollowedJob) -> None:
        """Give out what a job's stages hold, and let go of its files."""
        if not job.error:
            await self._attempt(self._give_out(job), job)
        await offload(job.files.close)

    async def _give_out(self, job: FollowedJob) -> None:
        streams = await offload(job.feed.flush)
        marks = job.feed.marks(self._clock.now_ns())
        if streams or marks:
            await self._outlet().send(streams, marks, source=job.name)

    async def _attempt(self, work: Awaitable[None], job: FollowedJob) -> None:
        await attempt(work, name=f"tail job {job.name!r}", failed=partial(self._fail, job))

    def _fail(self, job: FollowedJob, error: Exception) -> None:
        """Leave a job alone for a while; where its files stand is in the store."""
        job.error = described(error)
        job.retry_at = self._clock.monotonic() + _RETRY_SECONDS
        job.files.close()
        self._metrics.failures.labels(job.name).inc()

    def look_for_files(self) -> None:
        """Look for new files in the next round."""
        self._found_at = -1e9

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            async with self._busy:
                has_more = bool(self._jobs) and await self._turn()
            if not has_more:
                await self._clock.sleep(self.poll_seconds)

    async def stop(self) -> None:
        """Let go of all files."""
        async with self._busy:
            for job in self._jobs.values():
                job.files.close()

    async def _turn(self) -> bool:
        rounds = await self._offloaded_round()
        await asyncio.gather(*[self._attempt(self._deliver(one), one.job) for one in rounds])
        gone = [name for found in rounds if not found.job.error for name in found.gone]
        if gone:
            await asyncio.wrap_future(self._keeper.drop_marks(gone))
        lines = sum(found.lines for found in rounds)
        if wait := self._limits().wait_for(lines, self._clock.monotonic()):
            await self._clock.sleep(wait)
        return any(found.has_more for found in rounds)

    async def _offloaded_round(self) -> list[_Found]:
        """A round in a worker thread, which is over when this returns, cancelled or not."""
        task = spawn(offload(self._round), name="tail round")
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise

    async def _deliver(self, found: _Found) -> None:
        if found.streams or found.marks:
            await self._outlet().send(found.streams, found.marks, source=found.job.name)
        found.job.note_delivered()
        for file in found.read:
            self._metrics.read_bytes.labels(file.path).set(file.offset)
            self._metrics.file_bytes.labels(file.path).set(file.size)

    def _round(self) -> list[_Found]:
        now = self._clock.monotonic()
        is_finding = now - self._found_at >= min(self.find_seconds, self._find_wait)
        is_flushing = now - self._flushed_at >= _FLUSH_SECONDS
        self._found_at = now if is_finding else self._found_at
        self._flushed_at = now if is_flushing else self._flushed_at
        rounds = []
        for job in self._jobs.values():
            if now < job.retry_at:
                continue
            found = attempt_call(
                partial(self._round_of, job, is_finding=is_finding, is_flushing=is_flushing),
                name=f"tail job {job.name!r}",
                failed=partial(self._fail, job),
            )
            rounds += [] if found is None else [found]
        if is_finding:
            took = self._clock.monotonic() - now
            self._find_wait = max(_LEAST_FIND_SECONDS, _FIND_SHARE * took)
        self._metrics.files.set(sum(len(job.files.files) for job in self._jobs.values()))
        return rounds

    def _round_of(self, job: FollowedJob, *, is_finding: bool, is_flushing: bool) -> _Found:
        if job.error:
            prefix = mark_prefix(job.name)
            job.restart(Saved(self._keeper.marks(prefix)).of_files(prefix))
        now, now_ns = self._clock.monotonic(), self._clock.now_ns()
        found = _Found(job)
        self._find(found, is_finding=is_finding)
        self._read(found)
        if is_flushing and job.feed.is_holding:
            found.streams += job.feed.flush(now)
        found.marks = job.feed.marks(now_ns)
        found.gone = job.files.take_gone()
        return found

    def _find(self, found: _Found, *, is_finding: bool) -> None:
        now, now_ns = self._clock.monotonic(), self._clock.now_ns()
        job = found.job
        is_changed = job.take_targets(now_ns)
        files = job.files.find(now) if is_finding or is_changed else []
        if is_changed:
            job.files.drop_left_over(now_ns - _LEFT_OVER_NS)
        files += job.files.look(now)
        for file in files:
            found.streams += job.feed.begin(file)

    def _read(self, found: _Found) -> None:
        now, read, job = self._clock.monotonic(), 0, found.job
        before: dict[TailedFile, int] = {}
        while read < _ROUND_BYTES and not job.feed.is_full:
            block = job.files.next_block(now)
            if block is None:
                break
            before.setdefault(block.file, block.file.lines)
            read += len(block.data)
            found.streams += job.feed.take(block)
        found.has_more = read >= _ROUND_BYTES
        for file, lines in before.items():
            file.read_ms = self._clock.now_ms()
            found.lines += file.lines - lines
            self._metrics.read_lines.labels(file.path).inc(file.lines - lines)
            found.read.append(file)
