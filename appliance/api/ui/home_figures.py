"""What the home page says beside what arrives: the busiest services, and how full the disk is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance.api.http import HTTP, tenant_of
from appliance.api.traces.deps import TRACES
from appliance.api.ui.kept import Kept
from appliance.api.ui.system.deps import SYSTEM
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from appliance.model.sources import Guard, SpanSource

#: The window of the services, how many are shown, and points of their lines.
_MINUTES, _SHOWN, _POINTS = 15, 8, 45
#: After how long they are looked up again, and how long that may take.
_SERVICES_SECONDS, _BUDGET_SECONDS, _LONGEST = 10.0, 60.0, 5.0
_FIGURES: web.AppKey[tuple[Kept, Kept]] = web.AppKey("home_figures")


def prepare(app: web.Application) -> None:
    """Make room for what is kept between requests."""
    clock = app[HTTP].clock
    app[_FIGURES] = (Kept(clock, _SERVICES_SECONDS), Kept(clock, _BUDGET_SECONDS))


async def busiest(request: web.Request) -> dict[str, Any] | None:
    """Services with the most requests lately; None where there are no traces to ask.

    Returns:
        `minutes`, `total` (services with requests, None until it is known) and `rows` (service,
        rate, error_ratio, p95_ns, calls and errors over time), the busiest first.
    """
    if TRACES not in request.app:
        return None
    deps, tenant = request.app[TRACES], tenant_of(request)

    async def find() -> dict[str, Any]:
        from appliance.api.request import run_guarded  # noqa: PLC0415 - with the first page

        source, common = deps.jaeger.spans(tenant), request.app[HTTP]
        end_ns = common.clock.now_ns()
        return await run_guarded(
            common, lambda guard: _busiest(source, end_ns, guard), timeout_seconds=_LONGEST
        )

    found: dict[str, Any] | None = await request.app[_FIGURES][0].get(tenant, find)
    return found or {"minutes": _MINUTES, "total": None, "rows": []}


def _busiest(source: SpanSource, end_ns: int, guard: Guard) -> dict[str, Any]:
    from appliance.traces.red import red  # noqa: PLC0415 - with the first page
    from appliance.traces.window import Window  # noqa: PLC0415 - with the first page

    window = Window.of(end_ns - _MINUTES * 60_000_000_000, end_ns)
    found = sorted(
        red(source, window, guard, buckets=_POINTS).services,
        key=lambda one: (-one.requests, one.service),
    )
    rows = [
        {
            "service": one.service,
            "rate": one.requests / (_MINUTES * 60),
            "error_ratio": one.errors / one.requests if one.requests else 0.0,
            "p95_ns": one.p95_ns,
            "calls_over_time": list(one.calls_over_time),
            "errors_over_time": list(one.errors_over_time) if one.errors else [],
        }
        for one in found[:_SHOWN]
    ]
    return {"minutes": _MINUTES, "total": len(found), "rows": rows}


async def disk(request: web.Request) -> dict[str, Any] | None:
    """`used_bytes` of `budget_bytes`; None where nobody knows the files, or not yet."""
    if SYSTEM not in request.app:
        return None
    storage, now_ms = request.app[SYSTEM].storage, request.app[HTTP].clock.now_ms()

    def look() -> dict[str, Any]:
        from appliance.ui.system.storage import storage_page  # noqa: PLC0415 - as above

        page = storage_page(storage.look(), now_ms)
        return {"used_bytes": page.used_bytes, "budget_bytes": page.budget_bytes}

    async def find() -> dict[str, Any]:
        return await offload(look)

    found: dict[str, Any] | None = await request.app[_FIGURES][1].get("disk", find)
    return found
