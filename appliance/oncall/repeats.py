"""Keeps receivers that escalations page from being told again of what somebody takes care of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.alertmanager.deps import Notifier
    from appliance.notify.message import Flush

_NEVER_NS = 10 * 365 * 24 * 3600 * 10**9


class QuietRepeats:
    """A `Notifier` around another one.

    Args:
        is_quiet: Whether a flush is not to be repeated.
    """

    def __init__(self, notifier: Notifier, is_quiet: Callable[[Flush], bool]) -> None:
        self._notifier = notifier
        self._is_quiet = is_quiet

    async def notify(self, flush: Flush) -> bool:
        """Tell what is new; see `Notifier`."""
        if self._is_quiet(flush):
            flush = replace(flush, repeat_ns=_NEVER_NS)
        return await self._notifier.notify(flush)
