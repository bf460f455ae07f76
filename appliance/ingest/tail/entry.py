"""A log entry on its way through a job's pipeline, and what a pipeline is to those who feed it.

Invariant: an entry knows which pieces of its source it was made from (`origins`), so that what a
pipeline still holds back is read again after a crash, and nothing else is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Where a piece of an entry came from; only the source that made it looks inside.
Origin = object


@dataclass(slots=True)
class Entry:
    """One entry; stages change it in place or put another one in its stead.

    Attributes:
        labels: Of the stream so far; each entry has a dict of its own.
        time_ns: When it was read, until a stage says otherwise.
        line: The text.
        extracted: What stages have found; at first the labels (the pipeline sees to that).
        metadata: Structured metadata.
        tenant: Empty for the client's own one.
        origins: Pieces of the source it was made from, in order. Who joins entries adds these up.
    """

    labels: dict[str, str]
    time_ns: int
    line: str
    extracted: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    tenant: str = ""
    origins: tuple[Origin, ...] = ()


class EntryPipeline(Protocol):
    """The stages of one job (`stages/`); used by one thread at a time."""

    def process(self, entries: Sequence[Entry]) -> list[Entry]:
        """What comes out for some entries, in order; some may be held back or dropped."""
        ...

    def flush(self, now: float) -> list[Entry]:
        """What was held back for too long.

        Args:
            now: Monotonic seconds; infinity gives out everything.
        """
        ...

    @property
    def is_full(self) -> bool:
        """Whether so much is held back that nothing more should come for now."""
        ...

    def held(self) -> list[Entry]:
        """Entries that are held back (parts of multi-line or split ones), as joined so far."""
        ...
