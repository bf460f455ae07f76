"""What fires now, in short: for the home page and whoever else needs no more than the worst.

Invariant: however many pages ask, alerts are looked through at most once in `_KEPT_SECONDS`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.http import HTTP
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.alertmanager.views import AlertView

_KEPT_SECONDS = 2.0
#: Alerts that are named.
_NAMED = 6
_ORDER = ("critical", "page", "error", "warning", "info", "none")
_KEPT: web.AppKey[dict[str, Any]] = web.AppKey("firing")


def prepare(app: web.Application) -> None:
    """Make room for what is kept between requests."""
    app[_KEPT] = {}


async def firing(request: web.Request) -> dict[str, Any] | None:
    """Counts and the worst alerts; None where alerts are not served.

    Returns:
        `total` (not held back), `held_back`, `severities` ([name, count], the worst first) and
        `alerts` (fingerprint, name, severity, summary, starts_ms), the worst and then the latest.
    """
    found: dict[str, Any] | None = (await _look(request)).get("found")
    return found


async def firing_by_name(request: web.Request) -> dict[str, int]:
    """How many alerts of each name fire and are not held back; empty where none are served."""
    found: dict[str, int] = (await _look(request)).get("by_name", {})
    return found


async def _look(request: web.Request) -> dict[str, Any]:
    deps = request.app.get(ALERTMANAGER)
    if deps is None:
        return {}
    clock, kept = request.app[HTTP].clock, request.app[_KEPT]
    now = clock.monotonic()
    if not kept or now - kept["at"] > _KEPT_SECONDS:
        views = await deps.alertmanager.shown.all_alerts()
        kept |= {"at": now, **await offload(_summed, views, clock.now_ns())}
    return kept


def _summed(views: Sequence[AlertView], now_ns: int) -> dict[str, Any]:
    current = [view for view in views if view.alert.ends_ns >= now_ns]
    telling = [view for view in current if view.state != "suppressed"]
    counts = Counter(view.alert.labels.get("severity") for view in telling)
    telling.sort(key=lambda view: (_rank(view.alert.labels.get("severity")), -view.alert.starts_ns))
    found = {
        "total": len(telling),
        "held_back": len(current) - len(telling),
        "severities": sorted(counts.items(), key=lambda item: (_rank(item[0]), item[0])),
        "alerts": [_named(view) for view in telling[:_NAMED]],
    }
    return {"found": found, "by_name": dict(Counter(view.alert.name for view in telling))}


def _named(view: AlertView) -> dict[str, Any]:
    alert = view.alert
    return {
        "fingerprint": alert.fingerprint,
        "name": alert.name or alert.fingerprint,
        "severity": alert.labels.get("severity"),
        "summary": alert.annotations.get("summary", "")[:300],
        "starts_ms": alert.starts_ns // 1_000_000,
    }


def _rank(severity: str) -> int:
    return _ORDER.index(severity) if severity in _ORDER else 3
