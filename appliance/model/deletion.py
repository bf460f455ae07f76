"""Deletion of log entries: what was asked for and what has been removed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was removed.

    Attributes:
        entries, text_bytes: Lines and their bytes, newlines included.
        streams: Streams that lost entries.
        oldest_ns, newest_ns: Times of the first and the last entry removed; None when there are
            none.
    """

    entries: int = 0
    text_bytes: int = 0
    streams: int = 0
    oldest_ns: int | None = None
    newest_ns: int | None = None


class DeleteState(Enum):
    """How far a request has come."""

    RECEIVED = "received"
    STARTED = "started"
    PROCESSED = "processed"


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """A request to delete the entries of [start_ns, end_ns) that a LogQL query finds.

    Attributes:
        number: Names it in its store; never used twice.
        created_ms, processed_ms: When it came, and when the last of it was removed.
        deleted: The proof, complete when the state is PROCESSED.
        is_erased: No file of the store holds anything of it any more; told when PROCESSED.
    """

    number: int
    tenant: str
    query: str
    start_ns: int
    end_ns: int
    created_ms: int
    state: DeleteState = DeleteState.RECEIVED
    processed_ms: int | None = None
    deleted: Deleted = Deleted()
    is_erased: bool = False
