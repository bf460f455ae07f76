"""How much a query has read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.model.sources import Guard


class CountingGuard:
    """Passes on what a guard is told, and counts bytes; implements `model.sources.Guard`.

    Attributes:
        bytes: Decoded so far.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.bytes = 0

    def check(self) -> None:
        """See `Guard.check`."""
        self._guard.check()

    def add_series(self, count: int) -> None:
        """See `Guard.add_series`."""
        self._guard.add_series(count)

    def add_samples(self, count: int) -> None:
        """See `Guard.add_samples`."""
        self._guard.add_samples(count)

    def free_samples(self, count: int) -> None:
        """See `Guard.free_samples`."""
        self._guard.free_samples(count)

    def add_bytes(self, count: int) -> None:
        """See `Guard.add_bytes`."""
        self.bytes += count
        self._guard.add_bytes(count)
