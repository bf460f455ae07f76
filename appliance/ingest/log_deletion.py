"""Carries out requests to delete log entries; a component.

Requests are durable: one that is interrupted goes on after the next start, and deletes what is
left. The store keeps count of what is removed, which is the proof.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import ApplianceError
from appliance.base.tasks import offload
from appliance.model.deletion import DeleteState

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.logql.ast import Pipeline
    from appliance.model.deletion import DeleteRequest
    from appliance.model.log import LogChunk
    from appliance.model.sources import LogDeletions

_log = logging.getLogger(__name__)
#: When to try again what failed.
_RETRY_SECONDS = 30.0


class LogDeleter:
    """See the module's docstring."""

    name = "log deletion"

    def __init__(self, store: LogDeletions) -> None:
        self._store = store
        self._asked = asyncio.Event()

    async def create(self, tenant: str, query: str, start_ns: int, end_ns: int) -> DeleteRequest:
        """Note a request and begin with it soon.

        Args:
            query: A log query; its entries with times in [start_ns, end_ns) are deleted.

        Raises:
            Unavailable: It cannot be stored now.
        """
        future = self._store.create_deletion(tenant, query, start_ns, end_ns)
        request = await asyncio.wrap_future(future)
        self._asked.set()
        return request

    async def requests(self, tenant: str) -> list[DeleteRequest]:
        """A tenant's requests, oldest first."""
        return await offload(self._store.deletions, tenant)

    async def cancel(self, tenant: str, number: int, *, force: bool) -> None:
        """Forget a request, with `force` even one that is under way.

        Raises:
            NotFound: There is none of this number.
            Conflict: It is under way or done.
        """
        await offload(partial(self._store.cancel_deletion, tenant, number, force=force))

    async def start(self) -> None:
        """Nothing to prepare."""

    async def run(self) -> None:
        """Delete until cancelled."""
        while True:
            self._asked.clear()
            is_done = await self.work()
            try:
                async with asyncio.timeout(None if is_done else _RETRY_SECONDS):
                    await self._asked.wait()
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """What is left is done after the next start."""

    async def work(self) -> bool:
        """Carry out what has been asked for; whether all of it worked."""
        is_done = True
        for request in await offload(self._store.deletions):
            if request.state is DeleteState.PROCESSED:
                continue
            try:
                await offload(self._carry_out, request)
            except ApplianceError as error:
                is_done = False
                _log.error("delete request %s of %s: %s", request.number, request.tenant, error)
        return is_done

    def _carry_out(self, request: DeleteRequest) -> None:
        from appliance.logql.parser import parse_log  # noqa: PLC0415 - not before the first request

        query = parse_log(request.query)
        deleted = self._store.delete(
            request.tenant,
            query.matchers,
            request.start_ns,
            request.end_ns,
            choose=chooser(query),
            request=request.number,
        )
        is_erased = self._store.finish_deletion(request.number)
        _log.info(
            "delete request %s of %s: %s lines of %s streams are gone",
            request.number,
            request.tenant,
            deleted.entries,
            deleted.streams,
        )
        if not is_erased:
            _log.warning(
                "delete request %s of %s: a reader or a damaged part of the file was in the way;"
                " the file may still hold some of what was deleted",
                request.number,
                request.tenant,
            )


def chooser(query: Pipeline) -> Callable[[LogChunk], NDArray[np.bool_]] | None:
    """Which entries of a chunk pass the stages: bool[entry]; None: all of them."""
    if not query.stages:
        return None
    from appliance.logql.rows import rows_of  # noqa: PLC0415 - not before the first request
    from appliance.logql.stages import compile_pipeline  # noqa: PLC0415

    compiled = compile_pipeline(query.stages)

    def choose(chunk: LogChunk) -> NDArray[np.bool_]:
        chosen = np.zeros(len(chunk), dtype=np.bool_)
        chosen[compiled.run(rows_of(chunk)).index] = True
        return chosen

    return choose
