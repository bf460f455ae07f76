"""Bounds of one query: a deadline, a cancellation flag and how much it may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.base.errors import LimitExceeded, TimedOut

if TYPE_CHECKING:
    from appliance.base.clock import Clock


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """How much one query may take.

    Attributes:
        timeout_seconds: Longest run.
        max_samples: Samples one query may have loaded at a time (--query.max-samples).
        max_bytes: Decoded log or span bytes one query may load.
        max_series: Series one query may select.
        max_log_series: Series a metric query over logs may return (max_query_series).
        max_log_entries: Entries a log query may ask for (max_entries_limit_per_query).
    """

    timeout_seconds: float = 120.0
    max_samples: int = 50_000_000
    max_bytes: int = 4 << 30
    max_series: int = 1_000_000
    max_log_series: int = 500
    max_log_entries: int = 5000


class QueryGuard:
    """Counts what a query reads and stops it; checked between blocks, cheap enough for inner loops.

    Used by one thread, except `cancel`, which any thread may call.
    """

    def __init__(self, limits: QueryLimits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._end = clock.monotonic() + limits.timeout_seconds
        self._cancelled = False
        self.series = 0
        self.samples = 0
        self.bytes = 0

    def cancel(self) -> None:
        """Make the next check raise: the client has gone away."""
        self._cancelled = True

    def check(self) -> None:
        """Raise when the time is up or the client has gone.

        Raises:
            TimedOut: Either of both.
        """
        if self._cancelled:
            raise TimedOut("query was canceled in expression evaluation")
        if self._clock.monotonic() > self._end:
            raise TimedOut("query timed out in expression evaluation")

    def add_series(self, count: int) -> None:
        """Count selected series.

        Raises:
            LimitExceeded: More than `max_series`.
        """
        self.series += count
        if self.series > self.limits.max_series:
            raise LimitExceeded(
                f"the query selects {self.series} series, the limit is {self.limits.max_series}"
                " (limits.query.max_series)",
                limit="limits.query.max_series",
            )
        self.check()

    def add_samples(self, count: int) -> None:
        """Count samples that are loaded now.

        Raises:
            LimitExceeded: More than `max_samples`.
        """
        self.samples += count
        if self.samples > self.limits.max_samples:
            raise LimitExceeded(
                "query processing would load too many samples into memory in query execution",
                limit="limits.query.max_samples",
            )
        self.check()

    def free_samples(self, count: int) -> None:
        """Loaded samples are let go."""
        self.samples -= count

    def add_bytes(self, count: int) -> None:
        """Count decoded bytes.

        Raises:
            LimitExceeded: More than `max_bytes`.
        """
        self.bytes += count
        if self.bytes > self.limits.max_bytes:
            raise LimitExceeded(
                f"the query would read more than {self.limits.max_bytes} bytes",
                limit="limits.query.max_bytes",
            )
        self.check()
