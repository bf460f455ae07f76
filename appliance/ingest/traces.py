"""The door for spans: limit, append."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from appliance.base.tasks import run
from appliance.model.accepted import Accepted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.base.telemetry import Telemetry
    from appliance.model.accepted import Reject
    from appliance.model.sources import SpanAppender
    from appliance.model.trace import SpanBatch


#: Requests of more spans are packed in a worker thread.
_LARGE = 10_000


class SpanDoor:
    """Where spans enter, whatever protocol brought them.

    Args:
        observe: Told of spans once they are durable.
    """

    def __init__(
        self,
        appender: SpanAppender,
        telemetry: Telemetry,
        *,
        observe: Callable[[str, SpanBatch], None] | None = None,
    ) -> None:
        self._appender = appender
        self._observe = observe
        self._rejected = telemetry.counter(
            "appliance_ingest_rejected_total", "Items refused at the door.", ("signal",)
        ).labels("traces")

    async def accept(
        self, tenant: str, batch: SpanBatch, rejected: Sequence[Reject] = ()
    ) -> Accepted:
        """Store spans.

        Args:
            rejected: Spans of the same request that the decoder refused.

        Returns:
            After the commit.

        Raises:
            Unavailable: The store cannot take it now.
        """
        if len(batch):
            append = self._appender.append
            is_large = len(batch) > _LARGE
            await asyncio.wrap_future(await run(append, tenant, batch, offloaded=is_large))
            if self._observe is not None:
                self._observe(tenant, batch)
        self._rejected.inc(len(rejected))
        return Accepted(len(batch), len(rejected), tuple(rejected[:20]))
