"""`/api/v2/status` and `/api/v2/receivers` (Alertmanager, API v2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.alertmanager.config_yaml import print_config
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.filters import receiver_labels, receiver_matchers_of
from appliance.api.alertmanager.framework import answer
from appliance.api.alertmanager.metrics import VERSION
from appliance.api.http import HTTP
from appliance.base.tasks import offload
from appliance.model.matcher import matches_all
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from aiohttp import web


async def status(request: web.Request) -> web.Response:
    """`GET /api/v2/status`: the configuration in use, with all defaults and without secrets."""
    alertmanager = request.app[ALERTMANAGER].alertmanager
    original = await offload(print_config, alertmanager.config, alertmanager.directory)
    names = ("branch", "buildDate", "buildUser", "goVersion", "revision")
    return answer(
        {
            "cluster": {"peers": [], "status": "disabled"},
            "config": {"original": original},
            "uptime": print_time(request.app[HTTP].started_ms * 10**6),
            "versionInfo": dict.fromkeys(names, "") | {"version": VERSION},
        }
    )


async def receivers(request: web.Request) -> web.Response:
    """`GET /api/v2/receivers`.

    Raises:
        BadInput: A filter is none.
    """
    wanted = receiver_matchers_of(request)
    found = [
        (receiver.name, receiver_labels(receiver.name, receiver.labels))
        for receiver in request.app[ALERTMANAGER].alertmanager.config.receivers
    ]
    return answer(
        [
            {"labels": dict(labels), "name": name}
            for name, labels in found
            if matches_all(wanted, labels)
        ]
    )
