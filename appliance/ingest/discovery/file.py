"""Targets listed in files (Prometheus, configuration, `<file_sd_config>`).

Files are read again when their time or size has changed; while one cannot be read or decoded, what
it said last holds on.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.base.tasks import offload
from appliance.config.document import matching_files
from appliance.config.load import load_file
from appliance.config.scalars import Duration
from appliance.config.schema import section
from appliance.ingest.discovery.static import StaticConfig, TargetGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.config.report import Report

_log = logging.getLogger(__name__)
_PATTERN = re.compile(r"[^*]*(\*[^/]*)?\.(json|yml|yaml)", re.IGNORECASE)
#: How often files are looked at, whatever `refresh_interval` says: looking costs a microsecond.
POLL_SECONDS = 5.0


@section
class FileSdConfig:
    """Names of files, with `*` in the last part at most."""

    files: tuple[str, ...] = ()
    refresh_interval: Duration = Duration(300_000)

    def check(self, report: Report) -> None:
        """There is a name, and each ends as it must."""
        if not self.files:
            message = "file service discovery config must contain at least one path name"
            report.error(self, "files", message, code="missing-key")
        for index, name in enumerate(self.files):
            if not _PATTERN.fullmatch(name):
                message = f"path name {name!r} is not valid for file discovery"
                hint = "it ends in .json, .yml or .yaml, and * stands only after the last /"
                report.error(self, ("files", index), message, hint=hint)


class FileDiscovery:
    """The files of one section; implements `Discoverer`, and never fails."""

    mechanism = "file"
    refresh_seconds = POLL_SECONDS

    def __init__(self, patterns: Sequence[str], directory: Path) -> None:
        self.place = ", ".join(patterns)
        self._patterns = tuple(patterns)
        self._directory = directory
        self._known: dict[str, tuple[tuple[int, int], list[TargetGroup]]] = {}

    async def refresh(self) -> list[TargetGroup]:
        """What the files say now; looked at in a worker thread."""
        return await offload(self.groups)

    def groups(self) -> list[TargetGroup]:
        """All groups of all files that exist, in the order of their names."""
        found = {
            str(path)
            for pattern in self._patterns
            for path in matching_files(pattern, self._directory)
            if path.exists()
        }
        self._known = {name: self._looked_at(name) for name in sorted(found)}
        return [group for _, groups in self._known.values() for group in groups]

    def _looked_at(self, name: str) -> tuple[tuple[int, int], list[TargetGroup]]:
        _, before = self._known.get(name, ((0, 0), []))
        try:
            status = Path(name).stat()
        except OSError:
            return (0, 0), before
        mark = (status.st_mtime_ns, status.st_size)
        if name in self._known and self._known[name][0] == mark:
            return self._known[name]
        decoded = load_file(list[StaticConfig], Path(name))
        if decoded.value is None or not decoded.ok:
            for problem in decoded.problems:
                _log.warning("targets of %s stay as they were: %s", name, problem.render())
            return mark, before
        return mark, [
            TargetGroup(
                f"{name}:{index}",
                [{"__address__": target} for target in config.targets],
                {**config.shared_labels(), "__meta_filepath": name},
            )
            for index, config in enumerate(decoded.value)
        ]
