"""Tailing as long as there is something to tail; a component.

The manager, and with it everything that reads lines, is imported and made when a configuration is
there: at the start, or with the reload that brings one. It stays from then on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from appliance.ingest.tail.status import TailStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ingest.tail.manager import TailManager, TailSetup


class TailService:
    """See the module's docstring.

    Args:
        setup: What is to be tailed; None when nothing is configured.
        make: Makes the manager.
    """

    name = "tail"

    def __init__(self, setup: TailSetup | None, make: Callable[[TailSetup], TailManager]) -> None:
        self._make = make
        self._manager = None if setup is None else make(setup)
        self._made = asyncio.Event()

    async def start(self) -> None:
        """Nothing is needed to be ready: files are looked for while running."""

    async def run(self) -> None:
        """Tail until cancelled, from when there is something to tail."""
        while self._manager is None:
            await self._made.wait()
        await self._manager.run()

    async def stop(self) -> None:
        """Let go of files and connections."""
        if self._manager is not None:
            await self._manager.stop()

    async def apply(self, setup: TailSetup | None) -> None:
        """Change the configuration; None: nothing is to be tailed any more."""
        if self._manager is not None:
            await self._manager.apply(setup)
        elif setup is not None:
            self._manager = self._make(setup)
            self._made.set()

    def setup(self) -> TailSetup | None:
        """What is configured; None when nothing is."""
        return None if self._manager is None else self._manager.setup

    def status(self) -> TailStatus:
        """What is going on now."""
        if self._manager is None:
            return TailStatus(config="", sources=(), dropped=(), clients=(), errors=())
        return self._manager.status()
