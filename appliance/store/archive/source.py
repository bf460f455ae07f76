"""Stored spans with the archive behind them: a trace that somebody has kept is found by its id.

Retention removes blocks, and a trace may lie in several: what is gone of it comes from the archive.
Searches look at what is stored only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from appliance.model.trace import TraceSpans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import SpanColumns, StoredSpan


class KeptTraces(Protocol):
    """Where archived traces are."""

    def kept(self, tenant: str, trace_id: bytes) -> list[StoredSpan]:
        """The spans of an archived trace; empty when it is not archived."""
        ...


class SpansWithArchive:
    """What one tenant has stored and archived; implements `model.sources.SpanSource`."""

    def __init__(self, stored: SpanSource, archive: KeptTraces, tenant: str) -> None:
        self._stored = stored
        self._archive = archive
        self._tenant = tenant

    def trace(self, trace_id: bytes, guard: Guard, *, max_bytes: int | None = None) -> TraceSpans:
        """The spans of a trace, ascending by start, each once; empty when unknown.

        Args:
            max_bytes: Stop at about so many bytes of spans; the result tells (`is_partial`).
        """
        found = self._stored.trace(trace_id, guard, max_bytes=max_bytes)
        if found.is_partial:
            return found
        known = set(found)
        left = None if max_bytes is None else max_bytes - sum(len(span.span) for span in found)
        missing = TraceSpans()
        for span in self._archive.kept(self._tenant, trace_id):
            if span in known:
                continue
            if left is not None and left <= 0:
                missing.is_partial = True
                break
            left = None if left is None else left - len(span.span)
            guard.add_bytes(len(span.span))
            missing.append(span)
        return _joined(found, missing)

    def scan(self, start_ns: int, end_ns: int, guard: Guard) -> Iterator[SpanColumns]:
        """See `SpanSource.scan`."""
        return self._stored.scan(start_ns, end_ns, guard)

    def whole_traces(
        self, start_ns: int, end_ns: int, guard: Guard
    ) -> AbstractContextManager[Sequence[SpanColumns]]:
        """See `SpanSource.whole_traces`."""
        return self._stored.whole_traces(start_ns, end_ns, guard)

    def services(self) -> list[str]:
        """Names of services whose spans are stored, sorted."""
        return self._stored.services()

    def operations(self, service: str) -> list[tuple[str, int]]:
        """See `SpanSource.operations`."""
        return self._stored.operations(service)


def _joined(stored: TraceSpans, archived: TraceSpans) -> TraceSpans:
    """Both; either of them ascends by start."""
    if not archived:
        stored.is_partial |= archived.is_partial
        return stored
    if not stored:
        return archived
    from opentelemetry.proto.trace.v1.trace_pb2 import Span  # noqa: PLC0415 - seldom

    def start_ns(span: StoredSpan) -> int:
        start: int = Span.FromString(span.span).start_time_unix_nano
        return start

    joined = TraceSpans(sorted([*stored, *archived], key=start_ns))
    joined.is_partial = archived.is_partial
    return joined
