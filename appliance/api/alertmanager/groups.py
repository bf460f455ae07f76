"""`/api/v2/alerts/groups`: alerts as they are grouped (Alertmanager, API v2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.filters import AlertFilter
from appliance.api.alertmanager.framework import encoded
from appliance.api.alertmanager.shapes import alert_json
from appliance.api.http import HTTP
from appliance.base.tasks import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from appliance.alertmanager.views import GroupView

#: More alerts, or groups, are worked on in a thread.
_OFFLOAD_FROM = 200


async def show(request: web.Request) -> web.Response:
    """`GET /api/v2/alerts/groups`.

    Raises:
        BadInput: A filter is none.
    """
    deps, wanted = request.app[ALERTMANAGER], AlertFilter.of(request)
    now_ns = request.app[HTTP].clock.now_ns()
    names = wanted.receivers(deps.alertmanager.config)
    groups = await deps.alertmanager.shown.all_groups()
    views = [group for group in groups if group.receiver in names]

    def encode() -> bytes:
        kept = [
            replace(group, alerts=found)
            for group in views
            if (found := tuple(view for view in group.alerts if wanted.takes(view, now_ns)))
        ]
        receivers = _receivers(kept)
        shown = [group for group in kept if wanted.muted or not group.muted_by]
        return orjson.dumps(
            [_group(group, receivers) for group in shown], option=orjson.OPT_APPEND_NEWLINE
        )

    count = sum(1 + len(group.alerts) for group in views)
    body = await run(encode, offloaded=count >= _OFFLOAD_FROM)
    return encoded(body)


def _receivers(groups: Sequence[GroupView]) -> dict[str, set[str]]:
    """Receivers of the groups in which an alert is, by its fingerprint."""
    found: dict[str, set[str]] = {}
    for group in groups:
        for view in group.alerts:
            found.setdefault(view.alert.fingerprint, set()).add(group.receiver)
    return found


def _group(group: GroupView, receivers: dict[str, set[str]]) -> dict[str, Any]:
    return {
        "alerts": [
            alert_json(view, sorted(receivers[view.alert.fingerprint]), group.muted_by)
            for view in group.alerts
        ],
        "labels": dict(group.labels),
        "receiver": {"name": group.receiver},
        "routeLabels": dict(group.route_labels),
    }
