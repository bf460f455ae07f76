"""All places a configuration looks for targets in, asked in the background.

Invariant: equal sections are asked once, however many jobs have them, and a reload that leaves a
section as it is leaves its targets as they are.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from appliance.base.tasks import spawn
from appliance.config.secret import mask_url_passwords
from appliance.http_client.client import HttpClient
from appliance.ingest.discovery.discoverer import DiscoveryMetrics, Refresher
from appliance.ingest.discovery.dns import DnsDiscovery, DnsSdConfig
from appliance.ingest.discovery.docker import DockerDiscovery, DockerSdConfig
from appliance.ingest.discovery.file import FileDiscovery, FileSdConfig
from appliance.ingest.discovery.http import HttpDiscovery, HttpSdConfig
from appliance.ingest.discovery.static import static_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.discovery.config import ScrapeDiscoveryConfig
    from appliance.ingest.discovery.discoverer import Discoverer
    from appliance.ingest.discovery.static import TargetGroup

Section = FileSdConfig | HttpSdConfig | DnsSdConfig | DockerSdConfig


@dataclass(frozen=True, slots=True)
class _Asked:
    """A section that is being asked about; its file names start at `directory`."""

    section: Section
    directory: Path
    refresher: Refresher
    task: asyncio.Task[None] = field(repr=False)


class DiscoverySources:
    """Asks for targets between `look` and `stop`.

    Args:
        session: Gives the session for HTTP; it lives longer than this.
        clock: All waiting is done by it.
        telemetry: Own metrics.
        changed: Called when targets are others than before.
    """

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        clock: Clock,
        telemetry: Telemetry,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._session = session
        self._clock = clock
        self._metrics = DiscoveryMetrics.of(telemetry)
        self._changed = changed
        self._asked: list[_Asked] = []
        self._sockets: dict[str, aiohttp.ClientSession] = {}

    async def look(self, jobs: Sequence[tuple[ScrapeDiscoveryConfig, Path]]) -> None:
        """Begin and end asking so that it fits what is configured; answers come later.

        Args:
            jobs: The configuration of each job and the directory its file names start at.
        """
        kept: list[_Asked] = []
        before = list(self._asked)
        for config, directory in jobs:
            for section in sections_of(config):
                if _find(kept, section, directory) is None:
                    known = _find(before, section, directory)
                    kept.append(known or self._begin(section, directory))
        self._asked = kept
        for one in before:
            if one not in kept:
                await _ended(one.task)

    def _begin(self, section: Section, directory: Path) -> _Asked:
        found = self._discoverer(section, directory)
        refresher = Refresher(found, self._clock, self._metrics, changed=self._changed)
        task = spawn(
            refresher.run(),
            name=f"{found.mechanism} discovery of {mask_url_passwords(found.place)}",
        )
        return _Asked(section, directory, refresher, task)

    def groups(
        self, name: str, config: ScrapeDiscoveryConfig, directory: Path
    ) -> list[TargetGroup]:
        """What is known of the targets of job `name`."""
        found = static_groups(config.static_configs)
        for one in self._of(config, directory):
            found += one.refresher.groups
        self._metrics.discovered.labels(name).set(sum(len(group.targets) for group in found))
        return found

    def errors(self, config: ScrapeDiscoveryConfig, directory: Path) -> list[str]:
        """What is wrong with a job's discovery now."""
        found = self._of(config, directory)
        return [one.refresher.error for one in found if one.refresher.error]

    def _of(self, config: ScrapeDiscoveryConfig, directory: Path) -> list[_Asked]:
        found = [_find(self._asked, section, directory) for section in sections_of(config)]
        return [one for one in found if one is not None]

    async def stop(self) -> None:
        """Stop asking and let go of all connections."""
        for one in self._asked:
            await _ended(one.task)
        self._asked = []
        for session in self._sockets.values():
            await session.close()
        self._sockets.clear()

    def _discoverer(self, section: Section, directory: Path) -> Discoverer:
        if isinstance(section, FileSdConfig):
            return FileDiscovery(section.files, directory)
        if isinstance(section, DnsSdConfig):
            return DnsDiscovery(section)
        client = HttpClient(section, self._session, self._clock, directory=directory)
        if isinstance(section, HttpSdConfig):
            return HttpDiscovery(section, client)
        if section.socket_path:
            path = section.socket_path
            client = HttpClient(section, lambda: self._socket(path), self._clock)
        return DockerDiscovery(section, client)

    def _socket(self, path: str) -> aiohttp.ClientSession:
        if path not in self._sockets:
            connector = aiohttp.UnixConnector(path)
            self._sockets[path] = aiohttp.ClientSession(connector=connector)
        return self._sockets[path]


def sections_of(config: ScrapeDiscoveryConfig) -> Iterator[Section]:
    """The sections of a job that somebody has to be asked about."""
    yield from config.file_sd_configs
    yield from config.http_sd_configs
    yield from config.dns_sd_configs
    yield from config.docker_sd_configs


def _find(asked: Sequence[_Asked], section: Section, directory: Path) -> _Asked | None:
    """The one for a section; sections are few, and hold what cannot be hashed."""
    for one in asked:
        if one.directory == directory and one.section == section:
            return one
    return None


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
