"""`/tail`: what is tailed, how far it is behind, and a trial of the stages of a job."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import yaml

from appliance.config.document import compose, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.ingest.tail.manager import TailSetup
    from appliance.ingest.tail.status import ClientStatus, SourceStatus, TailStatus

#: Sources and dropped targets of a page.
MOST, MOST_DROPPED = 500, 100
#: What is behind by more is said to be.
BEHIND_BYTES = 1 << 20
_KINDS = {
    "file": "File",
    "docker": "Container",
    "journal": "Journal",
    "syslog": "Syslog",
    "loki_push_api": "Push",
}


class Tailing(Protocol):
    """Who tails (`ingest/tail/service.py`)."""

    def status(self) -> TailStatus:
        """What is going on now."""
        ...

    def setup(self) -> TailSetup | None:
        """What is configured; None when nothing is."""
        ...


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A file, container, journal or listener.

    Attributes:
        state: `error`, `behind`, `waiting` (nothing read yet) or `reading`.
        read_percent: How much of a file has been read; None for what has no size.
        ago_ms: Since the last line; None before the first.
    """

    name: str
    kind: str
    state: str
    labels: tuple[tuple[str, str], ...]
    position: str
    size_bytes: int
    lag_bytes: int
    read_percent: int | None
    lines: int
    ago_ms: int | None
    error: str


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job of promtail's configuration.

    Attributes:
        stages: Names of the stages, in order.
        sources: Those that are shown, the worst first; `count` is of all.
    """

    name: str
    stages: tuple[str, ...]
    sources: tuple[SourceRow, ...]
    count: int
    lines: int
    lag_bytes: int


@dataclass(frozen=True, slots=True)
class DroppedRow:
    """A target that is not followed, and why."""

    job: str
    reason: str
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TailPage:
    """What the page shows.

    Attributes:
        config: The file that says what to tail; empty when there is none.
        shown: Sources on the page, of `total`.
        positions: The file of promtail's positions.
    """

    config: str
    jobs: tuple[JobRow, ...]
    total: int
    shown: int
    lines: int
    lag_bytes: int
    failing: int
    dropped: tuple[DroppedRow, ...]
    dropped_count: int
    clients: tuple[ClientStatus, ...]
    errors: tuple[str, ...]
    positions: str


def tail_page(tailing: Tailing, now_ms: int) -> TailPage:
    """The page; at most `MOST` sources, the worst first."""
    status, setup = tailing.status(), tailing.setup()
    configured = () if setup is None else setup.config.scrape_configs
    rows = [(source.job, source_row(source, now_ms)) for source in status.sources]
    rows.sort(key=lambda pair: (_STATES.index(pair[1].state), -pair[1].lag_bytes, pair[1].name))
    shown: dict[str, list[SourceRow]] = {}
    for job, row in rows[:MOST]:
        shown.setdefault(job, []).append(row)
    by_job: dict[str, list[SourceStatus]] = {}
    for source in status.sources:
        by_job.setdefault(source.job, []).append(source)
    jobs = tuple(
        JobRow(
            name=job.job_name,
            stages=tuple(stage.name for stage in job.pipeline_stages),
            sources=tuple(shown.get(job.job_name, ())),
            count=len(by_job.get(job.job_name, ())),
            lines=sum(source.lines for source in by_job.get(job.job_name, ())),
            lag_bytes=sum(source.lag_bytes for source in by_job.get(job.job_name, ())),
        )
        for job in configured
    )
    return TailPage(
        config=status.config,
        jobs=jobs,
        total=len(rows),
        shown=min(len(rows), MOST),
        lines=sum(source.lines for source in status.sources),
        lag_bytes=sum(source.lag_bytes for source in status.sources),
        failing=sum(bool(source.error) for source in status.sources),
        dropped=tuple(
            DroppedRow(one.job, one.reason, tuple(one.discovered))
            for one in status.dropped[:MOST_DROPPED]
        ),
        dropped_count=len(status.dropped),
        clients=tuple(status.clients),
        errors=tuple(status.errors),
        positions="" if setup is None else setup.config.positions.filename,
    )


_STATES = ("error", "behind", "reading", "waiting")


def source_row(source: SourceStatus, now_ms: int) -> SourceRow:
    """A source as it is shown."""
    if source.error:
        state = "error"
    elif source.lag_bytes > BEHIND_BYTES:
        state = "behind"
    else:
        state = "reading" if source.last_read_ms or source.position else "waiting"
    percent = None
    if source.size_bytes:
        percent = int(100 * (1 - min(1.0, source.lag_bytes / source.size_bytes)))
    return SourceRow(
        name=source.name,
        kind=_KINDS.get(source.kind.value, source.kind.value),
        state=state,
        labels=tuple(source.labels),
        position=source.position,
        size_bytes=source.size_bytes,
        lag_bytes=source.lag_bytes,
        read_percent=percent,
        lines=source.lines,
        ago_ms=max(0, now_ms - source.last_read_ms) if source.last_read_ms else None,
        error=source.error,
    )


def stages_yaml(setup: TailSetup | None, job: str) -> str:
    """The stages of a job as its file has them; empty where there are none, or no such job."""
    if setup is None or setup.file is None:
        return ""
    data, problems = read(setup.file)
    root, _ = (None, []) if problems else compose(data, str(setup.file))
    for item in _entries(_value(root, "scrape_configs")):
        if _text(_value(item, "job_name")) == job:
            stages = _value(item, "pipeline_stages")
            if isinstance(stages, yaml.SequenceNode):
                return _written(data.decode(errors="replace"), stages)
    return ""


def _written(text: str, node: yaml.Node) -> str:
    """A node as it stands in the file, moved to the left."""
    lines = text[: node.end_mark.index].splitlines()[node.start_mark.line :]
    if isinstance(node, yaml.SequenceNode) and node.flow_style:
        lines = text[node.start_mark.index : node.end_mark.index].splitlines()
    return "\n".join(
        line.rstrip() for line in textwrap.dedent("\n".join(lines)).splitlines()
    ).rstrip()


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if _text(name) == key), None)
    return None


def _entries(node: yaml.Node | None) -> Sequence[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else ()


def _text(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
