"""Figures that take a while, for pages that must not: found in the background, told when known.

Invariants: however many ask, each figure is looked for at most once at a time and not again before
it is old; nobody asks, nothing is looked for. What was found stays until there is something newer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from appliance.base.errors import ApplianceError
from appliance.base.tasks import spawn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from appliance.base.clock import Clock

#: Figures that are kept at once, such as one for each of some tenants.
_MOST = 8


@dataclass(slots=True)
class _Entry:
    """One figure: when it was found in monotonic seconds, and who looks for a newer one."""

    found: Any = None
    at: float | None = None
    task: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Kept:
    """Figures by name.

    Attributes:
        seconds: After how long a figure is old.
        patience: For how many seconds somebody who asks waits for a newer one.
    """

    clock: Clock
    seconds: float
    patience: float = 0.2
    _entries: dict[str, _Entry] = field(default_factory=dict)

    async def get(self, name: str, find: Callable[[], Awaitable[Any]]) -> Any:
        """The figure as far as it is known; None until it has been found once.

        Args:
            find: Finds it; when that takes longer than the patience it goes on for the next one.
        """
        entry = self._entries.pop(name, None) or _Entry()
        self._entries[name] = entry  # the one asked for last is the last to go
        if len(self._entries) > _MOST:
            del self._entries[next(iter(self._entries))]
        is_old = entry.at is None or self.clock.monotonic() - entry.at >= self.seconds
        if is_old and entry.task is None:
            entry.task = spawn(self._renew(entry, find), name=f"figures of {name}")
        if entry.task is not None:
            await asyncio.wait({entry.task}, timeout=self.patience)
        return entry.found

    async def _renew(self, entry: _Entry, find: Callable[[], Awaitable[Any]]) -> None:
        try:
            entry.found = await find()
        except ApplianceError:
            pass  # too much for the limits, or the store is closing: what is known stays
        finally:
            entry.at, entry.task = self.clock.monotonic(), None
