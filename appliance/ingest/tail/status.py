"""What tailing is doing now, for pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from appliance.base.errors import ApplianceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.ingest.tail.targets import DroppedTarget
    from appliance.model.labels import Labels


class SourceKind(Enum):
    """Where lines come from."""

    FILE = "file"
    DOCKER = "docker"
    JOURNAL = "journal"
    SYSLOG = "syslog"
    PUSH = "loki_push_api"


def described(error: Exception) -> str:
    """What an error that nobody expected says, with its kind."""
    if isinstance(error, ApplianceError):
        return error.message
    return f"{type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source of lines.

    Attributes:
        name: A path, a container's id, an address.
        labels: Before any stage.
        position: Offset in bytes, or what stands for it; empty where there is none.
        size_bytes, lag_bytes: Of a file: its size, and how much of it is still to be read.
        lines: Read since the start.
        last_read_ms: 0 before the first line.
        error: Why nothing can be read now; empty when it can.
    """

    job: str
    kind: SourceKind
    name: str
    labels: Labels
    position: str = ""
    size_bytes: int = 0
    lag_bytes: int = 0
    lines: int = 0
    last_read_ms: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class ClientStatus:
    """Where entries are sent.

    Attributes:
        is_own: Into our own store.
        error: Why the last request failed; empty when it did not.
    """

    url: str
    is_own: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class TailStatus:
    """Everything that is tailed.

    Attributes:
        config: The file that says what to tail; empty when there is none.
        sources: By job and name.
        dropped: Targets that are not followed, and why.
        errors: What is wrong with discovery and with sources as a whole.
    """

    config: str
    sources: Sequence[SourceStatus]
    dropped: Sequence[DroppedTarget]
    clients: Sequence[ClientStatus]
    errors: Sequence[str]
