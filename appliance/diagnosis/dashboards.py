"""Dashboards among configuration files: which there are, what is wrong, what they read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from appliance.config.document import read
from appliance.diagnosis.live import without_series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from appliance.config.problem import Problem
    from appliance.dashboards.datasources import Sources
    from appliance.dashboards.model import Dashboard
    from appliance.diagnosis.live import LiveMetrics
    from appliance.settings.root import Settings


@dataclass(frozen=True, slots=True)
class NamedDashboards:
    """The files that settings name, the data sources with them, and what is wrong so far."""

    files: Sequence[Path]
    sources: Sources
    problems: list[Problem]


def is_dashboard(data: bytes) -> bool:
    """Whether a file is a dashboard of Grafana's, judged by its keys."""
    from appliance.dashboards.reading.envelope import looks_like_dashboard  # noqa: PLC0415 - rare

    try:
        return looks_like_dashboard(orjson.loads(data.removeprefix(b"\xef\xbb\xbf")))
    except orjson.JSONDecodeError:
        return False


def named_dashboards(settings: Settings) -> NamedDashboards:
    """The dashboards that settings and Grafana's provisioning name."""
    from appliance.dashboards.datasources import Sources  # noqa: PLC0415 - with the parsers
    from appliance.dashboards.library.places import Places, find_files  # noqa: PLC0415

    given = settings.dashboards
    places = Places(given.grafana, given.provisioning, variables=settings.variables)
    found = find_files(places)
    files = [origin.file for origin in found.origins]
    return NamedDashboards(files, Sources(found.datasources), list(found.problems))


def check_dashboards(
    settings_path: Path | None, files: Sequence[Path] = (), *, live: LiveMetrics | None = None
) -> tuple[list[Problem], list[Path]]:
    """Check dashboards and nothing else.

    Args:
        settings_path: The `appliance.yml`; None takes that of the working directory, if any.
        files: Those to check; none: those that the settings name.
        live: What a running server has.

    Returns:
        All findings, and the files that were judged.
    """
    from appliance.settings.root import load  # noqa: PLC0415 - many sections

    settings, problems = load(settings_path, flags={}, environ=os.environ)
    named = named_dashboards(settings)
    judged = JudgedDashboards(named.sources)
    found = [] if files else [one for one in problems if one.path.startswith("dashboards")]
    found += [] if files else named.problems
    chosen = list(files or named.files)
    for path in chosen:
        found += judged.judge(path)
    if live is not None:
        found += without_series(judged.reads(), live)
    return found, chosen


@dataclass(slots=True)
class JudgedDashboards:
    """The dashboards of one check; of a uid there is one only.

    Attributes:
        sources: Data sources that are provisioned; None: unknown.
    """

    sources: Sources | None = None
    _read: list[tuple[Path, bytes, Dashboard]] = field(default_factory=list)

    def judge(self, path: Path) -> list[Problem]:
        """All findings of a file."""
        from appliance.dashboards.report import check_dashboard, duplicate  # noqa: PLC0415

        data, problems = read(path)
        if problems:
            return problems
        dashboard, found = check_dashboard(data, str(path), name=path.stem, sources=self.sources)
        if dashboard is None:
            return found
        other = next((file for file, _, one in self._read if one.uid == dashboard.uid), None)
        if other is not None:
            found.insert(0, duplicate(data, str(path), dashboard.uid, other))
        self._read.append((path, data, dashboard))
        return found

    def reads(self) -> Iterator[tuple[Problem, str]]:
        """Metrics that are read, each with the finding to tell if there are no such series."""
        if not self._read:
            return
        from appliance.dashboards.checks.queries import metrics_of  # noqa: PLC0415 - parsers
        from appliance.dashboards.report import as_problems  # noqa: PLC0415

        for path, data, dashboard in self._read:
            pairs = list(metrics_of(dashboard))
            problems = as_problems([finding for finding, _ in pairs], data, str(path))
            names = (name for _, name in pairs)
            yield from zip(problems, names, strict=True)
