"""From a job's target groups to files: relabelling, and the labels with a meaning of their own.

promtail, scraping, file target discovery: `__path__`, `__path_exclude__`, `__host__`.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.model.labels import Labels
from appliance.relabel import relabel_builder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.ingest.discovery.static import TargetGroup
    from appliance.ingest.tail.config import TailConfig

PATH, PATH_EXCLUDE, HOST = "__path__", "__path_exclude__", "__host__"
FILENAME = "filename"


@dataclass(frozen=True, slots=True)
class FileTarget:
    """Files of a job that share labels.

    Attributes:
        pattern, exclude: See `files/path_glob.py`; `exclude` may be empty.
        labels: Of the streams, without `filename`.
        discovered: Before relabelling.
        encoding: Of the files, by its IANA name; empty for UTF-8.
        decompressed: Whether compressed files are decompressed.
        delay_seconds: How long to wait with a file that was just found.
    """

    job: str
    pattern: str
    exclude: str
    labels: Labels
    discovered: Labels
    encoding: str = ""
    decompressed: bool = False
    delay_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class DroppedTarget:
    """A target that is not followed, and why, in promtail's words."""

    job: str
    discovered: Labels
    reason: str


def file_targets(
    config: TailConfig, groups: Sequence[TargetGroup], host: str
) -> tuple[list[FileTarget], list[DroppedTarget]]:
    """The targets of one job.

    Args:
        groups: Found by discovery.
        host: This machine, for `__host__`.
    """
    found: dict[tuple[str, str, Labels], FileTarget] = {}
    dropped = []
    for group in groups:
        for target in group.targets:
            discovered = Labels.of({**group.labels, **target})
            labels = dict(discovered)
            is_kept = relabel_builder(labels, config.relabel_configs)
            reason = _reason_to_drop(labels, host) if is_kept else "dropping target, no labels"
            stream = Labels.of({n: v for n, v in labels.items() if not n.startswith("__")})
            identity = (labels.get(PATH, ""), labels.get(PATH_EXCLUDE, ""), stream)
            if not reason and identity in found:
                reason = "ignoring target, already exists"
            if reason:
                dropped.append(DroppedTarget(config.job_name, discovered, reason))
                continue
            found[identity] = _target(config, identity, discovered)
    return list(found.values()), dropped


def _target(
    config: TailConfig, identity: tuple[str, str, Labels], discovered: Labels
) -> FileTarget:
    decompression = config.decompression
    is_on = decompression is not None and decompression.enabled
    return FileTarget(
        job=config.job_name,
        pattern=identity[0],
        exclude=identity[1],
        labels=identity[2],
        discovered=discovered,
        encoding=config.encoding,
        decompressed=is_on,
        delay_seconds=decompression.initial_delay / 1000 if is_on and decompression else 0.0,
    )


def _reason_to_drop(labels: Mapping[str, str], host: str) -> str:
    if HOST in labels and labels[HOST] != host:
        shown = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
        return f"ignoring target, wrong host (labels:{{{shown}}} hostname:{host})"
    if not labels.get(PATH):
        return "no path for target"
    return ""


def host_name() -> str:
    """What promtail takes for this machine's name."""
    return os.environ.get("HOSTNAME", "") or socket.gethostname()
