"""What the server has to tell its users until it is no longer so."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.base.clock import Clock

RELOAD_FAILED = "Configuration reload has failed."
SHUTTING_DOWN = "Prometheus is shutting down and gracefully stopping all operations."


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing; `active` until it is over."""

    text: str
    since_ms: int
    active: bool = True


class Notifications:
    """Used on the event loop only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._active: dict[str, Notification] = {}
        self._listeners: list[Callable[[Notification], None]] = []

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def active(self) -> list[Notification]:
        """What is so now, the oldest first."""
        return list(self._active.values())

    def set(self, text: str, *, active: bool) -> None:
        """Say that something is so, or is over; listeners hear of changes."""
        known = self._active.get(text)
        if active and known is None:
            self._active[text] = changed = Notification(text, self._clock.now_ms())
        elif not active and known is not None:
            changed = replace(self._active.pop(text), active=False)
        else:
            return
        for listener in list(self._listeners):
            listener(changed)

    @contextmanager
    def listening(self, listener: Callable[[Notification], None]) -> Iterator[None]:
        """Have a function called with every change."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)
