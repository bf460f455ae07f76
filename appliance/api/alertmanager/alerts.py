"""`/api/v2/alerts`: alerts come in and are shown (Alertmanager, API v2)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.filters import AlertFilter
from appliance.api.alertmanager.framework import answer, encoded
from appliance.api.alertmanager.metrics import Received
from appliance.api.alertmanager.shapes import alert_json
from appliance.api.http import HTTP, require_control
from appliance.api.request import body_of
from appliance.base.tasks import run
from appliance.model.alert import Alert
from appliance.model.fingerprint import fingerprints_of
from appliance.model.labels import Labels
from appliance.wire.alertmanager.posted_alerts import read_alerts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.wire.alertmanager.posted_alerts import PostedAlert

#: Larger bodies and longer lists are worked on in a thread.
_OFFLOAD_FROM_BYTES = 64 << 10
_OFFLOAD_FROM_ALERTS = 200


async def show(request: web.Request) -> web.Response:
    """`GET /api/v2/alerts`.

    Raises:
        BadInput: A filter is none.
    """
    deps, wanted = request.app[ALERTMANAGER], AlertFilter.of(request)
    now_ns = request.app[HTTP].clock.now_ns()
    receivers = wanted.receivers(deps.alertmanager.config)
    views = await deps.alertmanager.shown.all_alerts()

    def encode() -> bytes:
        found = [
            view
            for view in views
            if not receivers.isdisjoint(view.receivers) and wanted.takes(view, now_ns)
        ]
        found.sort(key=lambda view: view.alert.fingerprint)
        return orjson.dumps(
            [alert_json(view, view.receivers) for view in found], option=orjson.OPT_APPEND_NEWLINE
        )

    body = await run(encode, offloaded=len(views) >= _OFFLOAD_FROM_ALERTS)
    return encoded(body)


async def receive(request: web.Request) -> web.Response:
    """`POST /api/v2/alerts`: what is valid is taken, though something else may not be.

    Raises:
        BodyRefused: The body is refused as a whole.
        TooLarge: It has more alerts than the engine takes at all.
    """
    require_control(request)
    body = await body_of(request)
    is_large = len(body) >= _OFFLOAD_FROM_BYTES
    deps, http = request.app[ALERTMANAGER], request.app[HTTP]
    read = partial(read_alerts, body, most=deps.alertmanager.max_alerts)
    posted = await run(read, offloaded=is_large)
    now_ns = http.clock.now_ns()
    timeout_ns = int(deps.alertmanager.config.global_config.resolve_timeout) * 10**6
    alerts, reasons = await run(_checked, posted, now_ns, timeout_ns, offloaded=is_large)
    _count(request, posted, now_ns, len(reasons))
    await (deps.sink or deps.alertmanager).put(alerts)
    if reasons:
        return answer("\n".join(reasons), 400)
    return web.Response()


def _checked(
    posted: Sequence[PostedAlert], now_ns: int, timeout_ns: int
) -> tuple[list[Alert], list[str]]:
    """The alerts that are valid, and what is wrong with the others."""
    valid: list[tuple[PostedAlert, Labels]] = []
    reasons: list[str] = []
    for given in posted:
        labels = Labels.of(given.labels)
        reason = _refusal(given, labels, now_ns, timeout_ns)
        if reason:
            reasons.append(reason)
        else:
            valid.append((given, labels))
    fingerprints = fingerprints_of([labels for _, labels in valid])
    alerts = [
        Alert(
            labels,
            given.annotations,
            *_times(given, now_ns, timeout_ns),
            now_ns,
            given.generator_url,
            given.ends_ns is None,
            fingerprint,
        )
        for (given, labels), fingerprint in zip(valid, fingerprints, strict=True)
    ]
    return alerts, reasons


def _times(given: PostedAlert, now_ns: int, timeout_ns: int) -> tuple[int, int]:
    """Start and end, also where the sender left them out."""
    ends_ns = now_ns + timeout_ns if given.ends_ns is None else given.ends_ns
    starts_ns = given.starts_ns
    if starts_ns is None:
        starts_ns = now_ns if given.ends_ns is None else given.ends_ns
    return starts_ns, ends_ns


def _refusal(given: PostedAlert, labels: Labels, now_ns: int, timeout_ns: int) -> str:
    """Why an alert is not valid, in the original's words; empty when it is."""
    starts_ns, ends_ns = _times(given, now_ns, timeout_ns)
    if ends_ns < starts_ns:
        return "start time must be before end time"
    if not labels:
        return "at least one label pair required"
    if not labels[0][0]:  # they are sorted
        return 'invalid label set: invalid name ""'
    if "" in given.annotations:
        return 'invalid annotations: invalid name ""'
    return ""


def _count(request: web.Request, posted: Sequence[PostedAlert], now_ns: int, invalid: int) -> None:
    received = Received.of(request.app[HTTP].telemetry)
    resolved = sum(1 for given in posted if given.ends_ns is not None and given.ends_ns <= now_ns)
    received.alerts.labels("resolved", "v2").inc(resolved)
    received.alerts.labels("firing", "v2").inc(len(posted) - resolved)
    received.invalid.labels("v2").inc(invalid)
