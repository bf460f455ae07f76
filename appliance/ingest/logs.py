"""The door for log entries: limits, cardinality guard, service name, level, append.

Every entry comes through here, pushed or tailed, so that all get the same labels and metadata.
"""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from appliance.base.errors import LimitExceeded
from appliance.base.tasks import run
from appliance.ingest.log_guard import CardinalityGuard, GuardLimits, demoted
from appliance.ingest.log_level import with_levels
from appliance.ingest.log_limits import EntryCheck, LogLimits, TimeBounds
from appliance.ingest.log_names import with_clean_metadata
from appliance.model.accepted import Accepted, Reject
from appliance.model.log import PlainLines, StreamBatch
from appliance.wire.loki_labels import with_service_name
from appliance.wire.loki_streams import merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.sources import LogAppender

#: Requests of more lines are looked through in a worker thread; a stream costs as much as some.
_LARGE, _STREAM_LINES = 5_000, 10
#: Refusals that are told one by one.
_SHOWN = 20
#: Labels that stay when a tenant has no room for another stream.
_LAST_LABELS = frozenset(["service_name", "job"])


@dataclass(slots=True)
class _Admitted:
    """What of some requests can be stored.

    Attributes:
        requests: Tenant and streams.
        lines, refused: Entries that came, and those that are over a limit.
        rejects: The first reasons.
    """

    requests: list[tuple[str, list[StreamBatch]]] = field(default_factory=list)
    lines: int = 0
    refused: int = 0
    rejects: list[Reject] = field(default_factory=list)


class LogDoor:
    """Where log entries enter, whatever brought them.

    Attributes:
        guard: Which labels are structured metadata, and why.
    """

    def __init__(
        self,
        appender: LogAppender,
        clock: Clock,
        telemetry: Telemetry,
        *,
        limits: LogLimits | None = None,
        guard: GuardLimits | None = None,
    ) -> None:
        self._appender = appender
        self._clock = clock
        self.guard = CardinalityGuard(guard or GuardLimits(), clock, telemetry)
        self._rejected = telemetry.counter(
            "appliance_ingest_rejected_total", "Items refused at the door.", ("signal",)
        ).labels("logs")
        self.apply(limits or LogLimits())

    def apply(self, limits: LogLimits) -> None:
        """Use other limits from the next request on."""
        self._limits = limits
        self._find_excess = functools.lru_cache(maxsize=16384)(limits.find_excess)

    async def accept(
        self, tenant: str, streams: Sequence[StreamBatch], *, source: str = ""
    ) -> Accepted:
        """Store entries; those over a limit are refused, the others kept.

        Args:
            source: Who sends them, as people know it: an address, a job.

        Returns:
            After the commit. `Reject.index` counts entries over all streams.

        Raises:
            LimitExceeded: Too many streams, even with next to no labels.
            Unavailable: The store cannot take it now.
        """
        return await self.accept_many([(tenant, streams)], {}, source=source)

    async def accept_many(
        self,
        requests: Sequence[tuple[str, Sequence[StreamBatch]]],
        marks: Mapping[str, str],
        *,
        source: str = "",
    ) -> Accepted:
        """Store entries of several tenants, and marks, all in one transaction.

        Entries over a limit are refused, and the marks kept nevertheless: they will never pass.

        Args:
            requests: Tenant and streams.
            marks: See `model.sources.LogAppender.append_many`.
            source: As for `accept`.

        Raises:
            LimitExceeded, Unavailable: As `accept`.
        """
        work = sum(
            len(stream.lines) + _STREAM_LINES for _, streams in requests for stream in streams
        )
        is_large = work > _LARGE
        admitted = await run(self._admit, requests, source, offloaded=is_large)
        if admitted.requests or marks:
            await self._append(admitted.requests, marks, offloaded=is_large)
        self._rejected.inc(admitted.refused)
        kept = admitted.lines - admitted.refused
        return Accepted(kept, admitted.refused, tuple(admitted.rejects[:_SHOWN]))

    async def _append(
        self,
        requests: list[tuple[str, list[StreamBatch]]],
        marks: Mapping[str, str],
        *,
        offloaded: bool,
    ) -> None:
        """Store, with fewer labels where there is no room for more streams."""
        try:
            future = await run(self._store, requests, marks, offloaded=offloaded)
        except LimitExceeded as error:
            if error.limit != "limits.streams_per_tenant":
                raise
            requests = [(tenant, _narrowed(streams)) for tenant, streams in requests]
            future = await run(self._store, requests, marks, offloaded=offloaded)
        await asyncio.wrap_future(future)

    def _store(
        self, requests: list[tuple[str, list[StreamBatch]]], marks: Mapping[str, str]
    ) -> Future[None]:
        if len(requests) == 1 and not marks:
            tenant, streams = requests[0]
            return self._appender.append(tenant, streams)
        return self._appender.append_many(requests, marks)

    def _admit(
        self, requests: Sequence[tuple[str, Sequence[StreamBatch]]], source: str
    ) -> _Admitted:
        """What can be stored, and reasons for what cannot."""
        admitted = _Admitted()
        bounds = TimeBounds.at(self._clock.now_ns(), self._limits)
        check = EntryCheck(self._limits, bounds)
        for tenant, streams in requests:
            kept = self._admit_streams(check, streams, admitted)
            if kept:
                guarded = self.guard.apply(tenant, source, kept)
                if guarded is not kept:
                    guarded = merged(guarded)
                named = [_named(stream) for stream in guarded]
                admitted.requests.append((tenant, with_levels(named)))
        return admitted

    def _admit_streams(
        self, check: EntryCheck, streams: Sequence[StreamBatch], admitted: _Admitted
    ) -> list[StreamBatch]:
        kept = []
        for stream in streams:
            count = len(stream.lines)
            if not count:
                continue
            excess = self._find_excess(with_service_name(stream.labels))
            if excess is not None:
                admitted.rejects.append(Reject(admitted.lines, excess))
                admitted.refused += count
            else:
                good, rejects = check.apply(_in_columns(stream), admitted.lines)
                admitted.rejects += rejects
                admitted.refused += count - len(good.lines)
                if len(good.lines):
                    kept.append(good)
            admitted.lines += count
        return kept


def _in_columns(stream: StreamBatch) -> StreamBatch:
    """A stream whose lines are put together."""
    if isinstance(stream.lines, PlainLines):
        return stream
    return replace(stream, lines=PlainLines.of(stream.lines))


def _named(stream: StreamBatch) -> StreamBatch:
    """A stream with its service, and with metadata that has names of labels."""
    labels = with_service_name(stream.labels)
    named = StreamBatch(labels, stream.timestamps_ns, stream.lines, stream.metadata)
    return with_clean_metadata(named)


def _narrowed(streams: Sequence[StreamBatch]) -> list[StreamBatch]:
    """Streams with hardly any labels, the others are structured metadata."""
    narrow = []
    for stream in streams:
        names = {name for name, _ in stream.labels} - _LAST_LABELS
        narrow.append(demoted(stream, names) if names else stream)
    return merged(narrow)
