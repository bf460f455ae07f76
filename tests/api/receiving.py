"""A door for spans that keeps what comes in."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

from appliance.base.telemetry import Telemetry
from appliance.ingest.spans import TranslatedSpans
from appliance.ingest.traces import SpanDoor
from appliance.model.trace import SpanBatch


class Appender:
    """Keeps batches, or fails.

    Attributes:
        came: Set with every batch.
    """

    def __init__(self) -> None:
        self.came = asyncio.Event()
        self.error: Exception | None = None
        self.batches: list[tuple[str, SpanBatch]] = []

    def append(self, tenant: str, batch: SpanBatch) -> Future[None]:
        if self.error is not None:
            raise self.error
        self.batches.append((tenant, batch))
        self.came.set()
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def names(self) -> list[str]:
        """Names of all spans."""
        return [batch.names[name] for _, batch in self.batches for name in batch.name_ids.tolist()]


def door(appender: Appender, telemetry: Telemetry | None = None) -> TranslatedSpans:
    telemetry = telemetry or Telemetry()
    return TranslatedSpans(SpanDoor(appender, telemetry), telemetry)


def counted(telemetry: Telemetry, name: str, **labels: Any) -> float:
    """The value of a metric, 0 when it has no such series."""
    return telemetry.registry.get_sample_value(name, labels) or 0.0
