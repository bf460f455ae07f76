"""What the API needs, and how every handler of it takes a trace out of the stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web

from appliance.api.http import tenant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import StoredSpan


class Archive(Protocol):
    """Traces that are kept whatever retention does."""

    def keep(self, tenant: str, trace_id: bytes, spans: Sequence[StoredSpan]) -> Future[None]:
        """Archive a trace as it is now; ends when it is durable."""
        ...


@dataclass(frozen=True, slots=True)
class JaegerDeps:
    """What the API needs.

    Attributes:
        spans: What is stored for a tenant, archived traces included.
        archive: Where traces go that somebody wants to keep.
        max_skew_ns: By how much clocks of hosts may be corrected; 0: not at all, as in Jaeger.
    """

    spans: Callable[[str], SpanSource]
    archive: Archive
    max_skew_ns: int = 0


@dataclass(frozen=True, slots=True)
class TenantTraces:
    """The traces of one tenant; for worker threads."""

    deps: JaegerDeps
    tenant: str

    @property
    def source(self) -> SpanSource:
        """What is stored."""
        return self.deps.spans(self.tenant)

    def spans(self, trace_id: bytes, guard: Guard) -> list[StoredSpan]:
        """The spans of a trace as they came, empty when it is unknown."""
        return self.source.trace(trace_id, guard)

    def has(self, trace_id: bytes, guard: Guard) -> bool:
        """Whether there is anything of a trace; reads no more of it than that takes."""
        return bool(self.source.trace(trace_id, guard, max_bytes=1))

    def load(self, ids: Iterable[bytes], guard: Guard, *, raw: bool) -> Iterator[list[Any]]:
        """ResourceSpans messages of each trace that is known.

        Args:
            raw: As the spans came, without Jaeger's adjustments.
        """
        from appliance.wire.jaeger.adjust import adjust  # noqa: PLC0415 - protobuf
        from appliance.wire.span_json import group_spans  # noqa: PLC0415 - protobuf

        for trace_id in ids:
            guard.check()
            spans = self.spans(trace_id, guard)
            if spans:
                groups = group_spans(spans)
                if not raw:
                    adjust(groups, self.deps.max_skew_ns)
                yield groups


JAEGER = web.AppKey("jaeger", JaegerDeps)


def traces_of(request: web.Request) -> TenantTraces:
    """The traces that a request may see."""
    return TenantTraces(request.app[JAEGER], tenant_of(request))
