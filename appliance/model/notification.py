"""What is remembered of notifications that were sent (Alertmanager, notification log)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class LogKey(NamedTuple):
    """Who was told of which group: group, receiver's name, kind of integration, its number."""

    group_key: str
    receiver: str
    integration: str
    number: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """The last notification under a key that was delivered.

    Attributes:
        firing, resolved: Fingerprints of the group's alerts then.
        expires_ns: When it may be forgotten.
        data: What the integration wants to find again, such as a message's id.
    """

    key: LogKey
    sent_ns: int
    firing: frozenset[str]
    resolved: frozenset[str]
    expires_ns: int
    data: Mapping[str, str] = field(default_factory=dict)
