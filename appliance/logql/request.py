"""What is asked of the engine beside the query, and what it cost to answer."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Statistics:
    """What a query read; filled in while it runs, by one thread.

    Attributes:
        chunks: Pieces of streams that were looked at.
        lines: Entries in them.
        bytes: Their text, as far as it had to be read, and structured metadata.
        post_filter_lines: Entries that passed all stages.
        structured_metadata_bytes: Of the entries looked at.
        entries: Entries returned; 0 for a metric query.
    """

    chunks: int = 0
    lines: int = 0
    bytes: int = 0
    post_filter_lines: int = 0
    structured_metadata_bytes: int = 0
    entries: int = 0

    def add(self, other: Statistics) -> None:
        """Count what another one has counted."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class Request:
    """A time range and bounds. Times are nanoseconds since the epoch.

    Attributes:
        start_ns, end_ns: Log queries: the end is not included. Metric queries: the first and the
            last step, both included.
        step_ns: Between points of a metric query; 0: an instant query, at `end_ns`.
        interval_ns: Log queries: the least time between two entries of a stream; 0: none.
        limit: How many entries of a log query.
        backward: The newest entries, newest first; else the oldest, oldest first.
        max_series: How many series a metric query may return.
        statistics: Where to count.
    """

    start_ns: int
    end_ns: int
    step_ns: int = 0
    interval_ns: int = 0
    limit: int = 100
    backward: bool = True
    max_series: int = 500
    statistics: Statistics = field(default_factory=Statistics, compare=False)

    @property
    def is_instant(self) -> bool:
        """Whether a metric query asks for one point."""
        return self.step_ns == 0
