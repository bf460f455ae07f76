"""Services and their operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.jaeger.answers import answer
from appliance.api.jaeger.deps import traces_of
from appliance.base.errors import BadInput
from appliance.traces.criteria import KINDS

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.model.sources import Guard, SpanSource


async def services(request: web.Request) -> web.Response:
    """`GET /api/services`."""
    source = traces_of(request).source
    return await answer(request, lambda _: [*source.services()], counted=True)


async def operations_of(request: web.Request) -> web.Response:
    """`GET /api/services/{service}/operations`."""
    source, service = traces_of(request).source, request.match_info["service"]

    def names(_: Guard) -> list[object]:
        return [*sorted({name for name, _ in source.operations(service)})]

    return await answer(request, names, counted=True)


async def operations(request: web.Request) -> web.Response:
    """`GET /api/operations`.

    Raises:
        BadInput: No service is given.
    """
    source, service = traces_of(request).source, request.query.get("service", "")
    if not service:
        raise BadInput("parameter 'service' is required")
    wanted = request.query.get("spanKind", "")

    def rows(_: Guard) -> list[object]:
        found = operations_with_kinds(source, service, wanted)
        return [{"name": name, "spanKind": kind} for name, kind in found]

    return await answer(request, rows, counted=True)


def operations_with_kinds(source: SpanSource, service: str, wanted: str) -> list[tuple[str, str]]:
    """Names of operations with their kinds, empty where a span says none.

    Args:
        wanted: A kind; empty: any.
    """
    found = [(name, KINDS[kind]) for name, kind in source.operations(service)]
    return [
        (name, kind if kind != KINDS[0] else "") for name, kind in found if wanted in {"", kind}
    ]
