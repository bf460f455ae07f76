"""`/notifications`: every request to a receiver with its answer; try one out, send one again.

Invariant: forms send something only for those who may (`require_control`), and never for a page of
another site.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.record import event_of, labels_of
from appliance.api.http import HTTP, require_control
from appliance.api.ui.alerts import api_url
from appliance.api.ui.rendering import json_answer, page, wants_json
from appliance.base.errors import ApplianceError
from appliance.base.tasks import offload
from appliance.model.alert_event import EventKind
from appliance.notify.kinds import KINDS
from appliance.ui.notifications import attempt_row, bounded, receiver_rows, told_apart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.ui.notifications import AttemptRow

#: Requests of a page.
_MOST = 200


async def notifications(request: web.Request) -> web.Response:
    """`GET /notifications?receiver=&failed=1&fingerprint=`: the newest first."""
    deps = request.app[ALERTMANAGER]
    await deps.flush_record()
    query = request.query
    receiver, fingerprint = query.get("receiver", ""), query.get("fingerprint", "")

    def read() -> list[AttemptRow]:
        found = deps.record.events(
            kinds=[EventKind.ATTEMPT, EventKind.FAILED],
            receiver=receiver,
            fingerprints=[fingerprint] if fingerprint else [],
            limit=_MOST,
            newest_first=True,
        )
        labels = labels_of(deps.record, found)
        return told_apart([attempt_row(one, labels) for one in found])

    rows = await offload(read)
    receivers = receiver_rows(_configured(request), rows)
    shown = bounded(row for row in rows if not (query.get("failed") and row.is_ok))
    if wants_json(request):
        return json_answer(
            {
                "receivers": [asdict(one) for one in receivers],
                "attempts": [asdict(one) for one in shown],
            }
        )
    return await page(
        request,
        "notifications.html",
        rows=shown,
        is_full=len(rows) >= _MOST - 20,
        receivers=receivers,
        receiver=receiver,
        fingerprint=fingerprint,
        failed=bool(query.get("failed")),
        done=query.get("done", ""),
        wrong=query.get("wrong", ""),
        now_ns=request.app[HTTP].clock.now_ns(),
        api=api_url(request),
    )


async def act(request: web.Request) -> web.Response:
    """`POST /notifications`: `test=RECEIVER` tries it out, `replay=ID` sends a request again.

    Raises:
        web.HTTPSeeOther: To the page, which says what came of it.
    """
    require_control(request)
    given = await request.post()
    told = await _replayed(request, given) if given.get("replay") else await _tried(request, given)
    raise web.HTTPSeeOther(f"/notifications?{urlencode(told)}")


async def _tried(request: web.Request, given: Mapping[str, Any]) -> dict[str, str]:
    name = str(given.get("test", ""))
    try:
        trials = await request.app[ALERTMANAGER].pipeline().send_test(name)
    except ApplianceError as error:
        return {"wrong": error.message}
    errors = [f"{trial.kind}: {trial.error}" for trial in trials if trial.error]
    if errors:
        return {"wrong": f"{name} cannot be told: {'; '.join(errors)}"[:1000]}
    kinds = ", ".join(trial.kind for trial in trials)
    return {"done": f"{name} took a test notification ({kinds or 'it has no integrations'})"}


async def _replayed(request: web.Request, given: Mapping[str, Any]) -> dict[str, str]:
    try:
        event = await event_of(request, str(given["replay"]))
        sent = await request.app[ALERTMANAGER].pipeline().replay(event)
    except ApplianceError as error:
        return {"wrong": error.message}
    if sent.error or not 200 <= sent.status < 300:
        return {"wrong": f"sent again, without success: {sent.error or sent.status}"[:1000]}
    return {"done": f"sent again to {event.receiver}, which answered {sent.status}"}


def _configured(request: web.Request) -> list[tuple[str, dict[str, int]]]:
    """Receivers by name, with how many integrations they have of each kind."""
    return [
        (
            one.name,
            {name: len(some) for name, kind in KINDS.items() if (some := getattr(one, kind.key))},
        )
        for one in request.app[ALERTMANAGER].alertmanager.config.receivers
    ]
