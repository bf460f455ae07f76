"""One job of promtail's configuration: its files and its other sources."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Protocol

from appliance.ingest.discovery.config import ScrapeDiscoveryConfig
from appliance.ingest.tail.docker.source import DockerSource
from appliance.ingest.tail.files.feed import JobFeed, stream_labels
from appliance.ingest.tail.files.follower import FollowedJob
from appliance.ingest.tail.files.job_files import JobFiles
from appliance.ingest.tail.files.mark import mark_prefix
from appliance.ingest.tail.journal import JournalSource
from appliance.ingest.tail.push import PushSource
from appliance.ingest.tail.source import SourceFeed
from appliance.ingest.tail.status import SourceKind, SourceStatus
from appliance.ingest.tail.syslog.source import SyslogSource
from appliance.ingest.tail.targets import file_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import aiohttp

    from appliance.base.clock import Clock
    from appliance.ingest.discovery.static import StaticConfig, TargetGroup
    from appliance.ingest.tail.config import TailConfig
    from appliance.ingest.tail.entry import EntryPipeline
    from appliance.ingest.tail.files.mark import FileMark
    from appliance.ingest.tail.files.tailed_file import TailedFile
    from appliance.ingest.tail.metrics import TailMetrics
    from appliance.ingest.tail.outlet import Outlet
    from appliance.ingest.tail.push import OpenPush
    from appliance.ingest.tail.saved import Saved
    from appliance.ingest.tail.source import Source
    from appliance.ingest.tail.stage_config import Stage
    from appliance.ingest.tail.streams import Timeline
    from appliance.ingest.tail.targets import DroppedTarget


class MakePipeline(Protocol):
    """Makes the stages of a job, anew for each kind of source."""

    def __call__(self, stages: tuple[Stage, ...], job: str) -> EntryPipeline | None:
        """The stages; None when there are none."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class JobParts:
    """What all jobs work with.

    Attributes:
        saved: Positions to start from.
        host: This machine's name.
        session: For HTTP.
        directory: Where the configuration's files are.
        open_push: Opens a listener for pushes.
        host_for: See `TailDeps`.
    """

    outlet: Callable[[], Outlet]
    clock: Clock
    timeline: Timeline
    metrics: TailMetrics
    saved: Saved
    host: str
    session: Callable[[], aiohttp.ClientSession]
    directory: Path
    poll_seconds: float
    make_pipeline: MakePipeline
    open_push: OpenPush
    host_for: Callable[[str, str], str]


class Job:
    """See the module's docstring.

    Attributes:
        config: As it was written.
        discovery: Where to look for targets that have files.
        docker_sections: Docker daemons, each as a configuration of its own.
        followed: Its files.
        sources: What else lines come from.
        dropped: Targets that are not followed.
    """

    def __init__(self, name: str, config: TailConfig, parts: JobParts) -> None:
        self.name = name
        self.config = config
        self.dropped: Sequence[DroppedTarget] = ()
        self._parts = parts
        self._feeds: list[SourceFeed] = []
        self._named = dataclasses.replace(config, job_name=name)
        static = tuple(_with_target(one) for one in config.static_configs)
        self.discovery = dataclasses.replace(
            self._named, docker_sd_configs=(), static_configs=static
        )
        self.docker_sections = [
            ScrapeDiscoveryConfig(docker_sd_configs=(section,))
            for section in config.docker_sd_configs
        ]
        marks = parts.saved.of_files(mark_prefix(name))
        files, feed = self._make_followed(marks, is_new=True)
        self.followed = FollowedJob(name, files, feed, self._make_followed)
        self._docker = [
            DockerSource(self._named, section, self._feed(), parts)
            for section in config.docker_sd_configs
        ]
        self.sources: list[Source] = [*self._docker, *self._others()]

    def _make_followed(
        self, marks: dict[str, FileMark], *, is_new: bool
    ) -> tuple[JobFiles, JobFeed]:
        parts = self._parts
        adopted = parts.saved.adopted if is_new else {}
        files = JobFiles(marks, adopted, poll_seconds=parts.poll_seconds)
        return files, JobFeed(self._pipeline(), parts.timeline)

    def _others(self) -> list[Source]:
        found: list[Source] = []
        if self.config.journal is not None:
            found.append(JournalSource(self._named, self._feed(), self._parts))
        if self.config.syslog is not None:
            found.append(SyslogSource(self._named, self._feed(), self._parts))
        if self.config.loki_push_api is not None:
            found.append(PushSource(self._named, self._feed(), self._parts))
        return found

    async def end(self) -> None:
        """Give out what the stages of sources hold; they have been stopped."""
        for feed in self._feeds:
            await feed.flush()

    def take_groups(self, groups: Sequence[TargetGroup]) -> None:
        """Take over what discovery has found of files."""
        targets, self.dropped = file_targets(self.discovery, groups, self._parts.host)
        if targets != self.followed.targets:
            self.followed.targets = targets

    def take_containers(self, number: int, groups: Sequence[TargetGroup]) -> None:
        """Take over what a Docker daemon has told."""
        self._docker[number].set_containers([t for group in groups for t in group.targets])

    def status(self) -> list[SourceStatus]:
        """What the job is doing now."""
        found = [self._file_status(file) for file in self.followed.files.files]
        return found + [status for source in self.sources for status in source.status()]

    def file_positions(self) -> dict[str, int]:
        """Offsets by path, of files that are at their names."""
        return {file.path: file.offset for file in self.followed.files.files if file.is_attached}

    def cursors(self) -> dict[str, str]:
        """Positions of what is no file, by promtail's names."""
        found: dict[str, str] = {}
        for source in self.sources:
            found |= source.cursors()
        return found

    def _pipeline(self) -> EntryPipeline | None:
        return self._parts.make_pipeline(self.config.pipeline_stages, self.name)

    def _feed(self) -> SourceFeed:
        feed = SourceFeed(self.name, self._pipeline(), self._parts.outlet, self._parts.clock)
        self._feeds.append(feed)
        return feed

    def _file_status(self, file: TailedFile) -> SourceStatus:
        return SourceStatus(
            job=self.name,
            kind=SourceKind.FILE,
            name=file.path,
            labels=stream_labels(file),
            position=str(file.offset),
            size_bytes=file.size,
            lag_bytes=file.lag_bytes,
            lines=file.lines,
            last_read_ms=file.read_ms,
            error=file.error or self.followed.error,
        )


def _with_target(config: StaticConfig) -> StaticConfig:
    """Like promtail, take a section without targets for one with this machine as its target."""
    return config if config.targets else dataclasses.replace(config, targets=("localhost",))
