"""Where alerts go: routes that take a set of labels, groups with their times, receivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.api.alertmanager.acks import ack_json
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.filters import receiver_labels
from appliance.api.alertmanager.framework import answer
from appliance.api.alertmanager.oncall import escalation_json
from appliance.api.alertmanager.route_shapes import matched_json, route_json
from appliance.api.alertmanager.shapes import alert_json
from appliance.api.request import body_of
from appliance.base.errors import BadInput, NotFound, Unavailable
from appliance.base.tasks import offload
from appliance.model.labels import Labels
from appliance.notify.kinds import KINDS
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.alertmanager.views import GroupView
    from appliance.api.alertmanager.deps import AlertmanagerApiDeps


async def route(request: web.Request) -> web.Response:
    """`POST /api/ui/alerts/route` with `{"labels": {…}}`: the routes that take such an alert.

    Raises:
        BadInput: The body is something else.
    """
    labels = _labels(await body_of(request))
    return answer(matched_json(request.app[ALERTMANAGER].alertmanager.tree, labels))


async def groups(request: web.Request) -> web.Response:
    """`GET /api/ui/alerts/groups`: groups with their routes and times."""
    found = request.app[ALERTMANAGER].alertmanager.groups()
    return answer({"groups": [_group(one) for one in found]})


def _group(one: GroupView) -> dict[str, Any]:
    return {
        "key": one.key,
        "receiver": one.receiver,
        "labels": dict(one.labels),
        "route_labels": dict(one.route_labels),
        "route": route_json(one.route),
        "next_flush": _time(one.next_flush_ns),
        "last_flush": _time(one.last_flush_ns),
        "muted_by": one.muted_by,
        "alerts": [view.alert.fingerprint for view in one.alerts],
    }


def _time(at_ns: int) -> str | None:
    return print_time(at_ns) if at_ns else None


async def alert(request: web.Request) -> web.Response:
    """`GET /api/ui/alerts/{fingerprint}`: an alert and the groups that it is in.

    `alert` is null when it does not fire (any more).

    Raises:
        NotFound: Nobody has ever told of it.
    """
    deps, fingerprint = request.app[ALERTMANAGER], request.match_info["fingerprint"]
    views = deps.alertmanager.alerts()
    view = next((one for one in views if one.alert.fingerprint == fingerprint), None)
    labels = view.alert.labels if view else None
    if labels is None:
        await deps.flush_record()
        labels = (await offload(deps.record.known_labels, [fingerprint])).get(fingerprint)
    if labels is None:
        raise NotFound(f"no alert has the fingerprint {fingerprint}")
    inside = [
        _group(group)
        for group in deps.alertmanager.groups()
        if any(one.alert.fingerprint == fingerprint for one in group.alerts)
    ]
    return answer(
        {
            "fingerprint": fingerprint,
            "labels": dict(labels),
            "alert": alert_json(view, view.receivers) if view else None,
            "groups": inside,
            **_duty(deps, fingerprint),
        }
    )


def _duty(deps: AlertmanagerApiDeps, fingerprint: str) -> dict[str, Any]:
    """Who takes care of an alert, and who is paged until somebody does."""
    try:
        oncall = deps.oncall()
    except Unavailable:
        return {}
    ack = oncall.acks.of(fingerprint)
    escalation = oncall.escalations.of(fingerprint)
    return {
        "ack": ack_json(ack, oncall) if ack else None,
        "escalation": escalation_json(escalation, oncall) if escalation else None,
    }


async def receivers(request: web.Request) -> web.Response:
    """`GET /api/ui/receivers`: names, labels, and how many integrations there are of each kind."""
    found = [
        {
            "name": one.name,
            "labels": dict(receiver_labels(one.name, one.labels)),
            "integrations": {
                name: len(configs)
                for name, kind in KINDS.items()
                if (configs := getattr(one, kind.key))
            },
        }
        for one in request.app[ALERTMANAGER].alertmanager.config.receivers
    ]
    return answer({"receivers": found})


def _labels(body: bytes) -> Labels:
    try:
        document = orjson.loads(body)
        given = document["labels"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput('the body must be {"labels": {"alertname": "…", …}}') from error
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise BadInput("labels must be an object of strings")
    return Labels.of(given)
