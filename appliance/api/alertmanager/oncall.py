"""On-call duty: who is on call, which policies there are, which escalations go on, stand-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.api.alertmanager.acks import ack_json
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.framework import answer
from appliance.api.http import HTTP, require_control
from appliance.api.loki.params import parse_time_ns
from appliance.api.request import body_of
from appliance.base.errors import BadInput, NotFound
from appliance.base.tasks import offload
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from appliance.oncall.config import Policy
    from appliance.oncall.escalation import Escalation
    from appliance.oncall.overrides import StoredOverride
    from appliance.oncall.schedule import Schedule, Shift
    from appliance.oncall.service import Oncall

_DAY_NS = 24 * 3600 * 10**9
_USUAL_DAYS, _MOST_DAYS = 14, 400


async def show(request: web.Request) -> web.Response:
    """`GET /api/ui/oncall`: who is on call now and next, policies, escalations."""
    return answer(await duty(request))


async def duty(request: web.Request) -> dict[str, Any]:
    """Who is on call, policies, escalations and acknowledgements, as they are shown."""
    oncall = request.app[ALERTMANAGER].oncall()
    now_ns = request.app[HTTP].clock.now_ns()
    schedules = oncall.roster.schedules.values()
    rotas = await offload(lambda: [_rota(one, now_ns) for one in schedules])
    return {
        "rotas": rotas,
        "users": [
            {"name": name, "receivers": user.receivers, "email": user.email}
            for name, user in oncall.config.users.items()
        ],
        "policies": [_policy(name, one) for name, one in oncall.roster.policies.items()],
        "escalations": [escalation_json(one, oncall) for one in oncall.escalations.all()],
        "acks": [ack_json(one, oncall) for one in oncall.acks.all()],
    }


async def rota(request: web.Request) -> web.Response:
    """`GET /api/ui/oncall/rotas/{name}`: shifts from `start` (now) to `end` (14 days later).

    Raises:
        NotFound: There is no such rota.
        BadInput: A time that is none, or too long a span.
    """
    oncall, name = request.app[ALERTMANAGER].oncall(), request.match_info["name"]
    schedule = oncall.roster.schedules.get(name)
    if schedule is None:
        names = ", ".join(oncall.roster.schedules) or "none"
        raise NotFound(f"no rota {name[:100]!r}; rotas are {names}")
    start_ns = _time_of(request, "start") or request.app[HTTP].clock.now_ns()
    end_ns = _time_of(request, "end") or start_ns + _USUAL_DAYS * _DAY_NS
    if not start_ns < end_ns <= start_ns + _MOST_DAYS * _DAY_NS:
        raise BadInput(f"'end' must lie up to {_MOST_DAYS} days after 'start'")
    shifts = await offload(schedule.shifts, start_ns, end_ns)
    return answer({"rota": name, "shifts": [_shift(one) for one in shifts]})


async def overrides(request: web.Request) -> web.Response:
    """`GET /api/ui/oncall/overrides`: those that were entered while the server ran."""
    found = request.app[ALERTMANAGER].oncall().overrides.all()
    return answer({"overrides": [override_json(one) for one in found]})


async def override(request: web.Request) -> web.Response:
    """`POST /api/ui/oncall/overrides`: let somebody stand in.

    The body is `{"rota", "user", "from", "to", "by"}`, times in RFC 3339; an empty user is nobody.

    Raises:
        BadInput: The body is something else.
        NotFound: There is no such rota or user.
    """
    require_control(request)
    given = _given(await body_of(request))
    now_ns = request.app[HTTP].clock.now_ns()
    start_ns = parse_time_ns(given["from"]) if given.get("from") else now_ns
    if not given.get("to"):
        raise BadInput("'to' must say when it ends")
    made = (
        await request.app[ALERTMANAGER]
        .oncall()
        .override(
            given.get("rota", ""),
            given.get("user", ""),
            (start_ns, parse_time_ns(given["to"])),
            by=given.get("by", ""),
        )
    )
    return answer(override_json(made))


async def remove_override(request: web.Request) -> web.Response:
    """`DELETE /api/ui/oncall/overrides/{id}`.

    Raises:
        NotFound: There is none.
    """
    require_control(request)
    await request.app[ALERTMANAGER].oncall().overrides.remove(request.match_info["id"])
    return answer({})


def escalation_json(one: Escalation, oncall: Oncall) -> dict[str, Any]:
    """An escalation as it is shown."""
    next_ns = oncall.escalations.next_ns(one)
    return {
        "policy": one.policy,
        "group_key": one.group_key,
        "began": print_time(one.began_ns),
        "started": print_time(one.started_ns),
        "state": one.stopped or "running",
        "next_step": one.next_step + 1 if next_ns else None,
        "next_at": print_time(next_ns) if next_ns else None,
        "alerts": sorted(one.alerts),
        "pages": [
            {
                "step": page.step + 1,
                "at": print_time(page.at_ns),
                "targets": [
                    {"receiver": name, "user": user, "delivered": name in page.delivered}
                    for name, user in page.targets.items()
                ],
            }
            for page in one.pages
        ],
    }


def _rota(schedule: Schedule, now_ns: int) -> dict[str, Any]:
    now, later = schedule.now_and_next(now_ns)
    return {
        "name": schedule.name,
        "now": _shift(now),
        "next": _shift(later) if later is not None else None,
    }


def _shift(one: Shift) -> dict[str, Any]:
    return {
        "user": one.user,
        "from": print_time(one.starts_ns),
        "until": print_time(one.ends_ns) if one.ends_ns else None,
        "source": one.source,
    }


def _policy(name: str, policy: Policy) -> dict[str, Any]:
    return {
        "name": name,
        "match": [str(matcher) for one in policy.match for matcher in one],
        "repeat_seconds": policy.repeat.seconds if policy.repeat is not None else None,
        "steps": [
            {
                "after_seconds": step.after.seconds,
                "rota": step.rota,
                "user": step.user,
                "receiver": step.receiver,
            }
            for step in policy.steps
        ],
    }


def override_json(one: StoredOverride) -> dict[str, Any]:
    """A stand-in as it is shown."""
    return {
        "id": one.id,
        "rota": one.rota,
        "user": one.user,
        "from": print_time(one.starts_ns),
        "to": print_time(one.ends_ns),
        "by": one.by,
        "at": print_time(one.at_ns),
    }


def _given(body: bytes) -> Mapping[str, str]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"the body is not JSON: {error}") from error
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise BadInput('the body must be {"rota": …, "user": …, "from": …, "to": …, "by": …}')
    return given


def _time_of(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    try:
        return parse_time_ns(text) if text else 0
    except BadInput as error:
        raise BadInput(f"could not parse {name!r} parameter: {error}") from error
