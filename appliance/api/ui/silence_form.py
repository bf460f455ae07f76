"""`/silences/new` and `/silences/ID/edit`: a silence in all its fields, with what it takes now.

What cannot be used is said above the form, and nothing that was written is lost.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.http import HTTP, require_control
from appliance.api.request import parameters_of
from appliance.api.ui.alerts import api_url, matchers_in
from appliance.api.ui.rendering import json_answer, page, wants_json
from appliance.api.ui.silences import silence_of, taken_by
from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput
from appliance.model.silence import Silence
from appliance.ui.alerts import selector, silence_commands
from appliance.wire.alertmanager.times import parse_time, print_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.model.matcher import Matcher

_MS_NS = 10**6
_USUAL = {"m": "", "by": "", "comment": "", "duration": "2h", "starts": "", "ends": ""}


async def new(request: web.Request) -> web.Response:
    """`GET /silences/new?m=…`: what would be silenced, and how."""
    matchers = matchers_in([*request.query.getall("m", ()), *request.query.getall("filter", ())])
    given = {name: request.query.get(name, usual) for name, usual in _USUAL.items()}
    return await _form(request, matchers, given)


async def edit(request: web.Request) -> web.Response:
    """`GET /silences/ID/edit`.

    Raises:
        NotFound: There is no such silence.
    """
    found = silence_of(request)
    given = {
        "m": selector(found.matchers),
        "by": found.created_by,
        "comment": found.comment,
        "duration": "",
        "starts": print_time(found.starts_ns),
        "ends": print_time(found.ends_ns),
    }
    asked = request.query.getall("m", ())
    matchers = matchers_in(asked) if asked else list(found.matchers)
    return await _form(request, matchers, given | dict(request.query), changed=found)


async def create(request: web.Request) -> web.Response:
    """`POST /silences/new`: a silence from now on, or from `starts` on."""
    return await _save(request, None)


async def save(request: web.Request) -> web.Response:
    """`POST /silences/ID/edit`: the silence as the form has it.

    Other matchers make another silence: the old one ends, so that what it did stays true.

    Raises:
        NotFound: There is no such silence.
    """
    return await _save(request, silence_of(request))


async def _save(request: web.Request, changed: Silence | None) -> web.Response:
    require_control(request)
    form, now_ns = await parameters_of(request), request.app[HTTP].clock.now_ns()
    usual = _USUAL | {"duration": ""} if changed else _USUAL
    given = {name: form.get(name, text).strip() for name, text in usual.items()}
    matchers: list[Matcher] = []
    try:
        matchers = matchers_in([given["m"]])
        made = _read(matchers, given, now_ns, changed)
        silence_id = await request.app[ALERTMANAGER].alertmanager.silences.set(made)
    except BadInput as error:
        return await _form(request, matchers, given, changed=changed, problem=error.message)
    raise web.HTTPSeeOther(f"/silences/{silence_id}")


def _read(
    matchers: Sequence[Matcher], given: Mapping[str, str], now_ns: int, changed: Silence | None
) -> Silence:
    if not matchers:
        raise BadInput('name at least one matcher, such as alertname="NAME"')
    if not (given["by"] and given["comment"]):
        raise BadInput("say who silences, and why")
    starts_ns = _time(given, "starts") or now_ns
    if changed is not None and given["starts"] == print_time(changed.starts_ns):
        starts_ns = changed.starts_ns  # to the nanosecond: it goes on as the same
    if given["duration"] or not given["ends"]:
        ends_ns = max(now_ns, starts_ns) + parse_duration(given["duration"]) * _MS_NS
    else:
        ends_ns = _time(given, "ends")
    if ends_ns <= max(now_ns, starts_ns):
        raise BadInput("a silence must last some time, such as 2h")
    return Silence(
        changed.id if changed is not None else "",
        tuple(matchers),
        starts_ns,
        ends_ns,
        now_ns,
        given["by"],
        given["comment"],
        changed.annotations if changed is not None else {},
    )


def _time(given: Mapping[str, str], name: str) -> int:
    text = given[name]
    try:
        return (parse_time(text) or 0) if text else 0
    except BadInput as error:
        raise BadInput(f"{text[:50]!r} is no time; write 2025-01-31T18:00:00Z") from error


async def _form(
    request: web.Request,
    matchers: Sequence[Matcher],
    given: Mapping[str, str],
    *,
    changed: Silence | None = None,
    problem: str = "",
) -> web.Response:
    taken, count = await taken_by(request, matchers) if matchers else ([], 0)
    commands = silence_commands(matchers, api_url(request))
    text = selector(matchers)
    if wants_json(request):
        return json_answer(
            {
                "matchers": text,
                "count": count,
                "alerts": [asdict(row) for row in taken],
                "commands": dict(commands),
            }
        )
    shown = {**given, "m": text or given["m"]}
    action = f"/silences/{changed.id}/edit" if changed is not None else "/silences/new"
    return await page(
        request,
        "silence_new.html",
        status=400 if problem else 200,
        matchers=text,
        given=shown,
        action=action,
        changed=changed,
        problem=problem,
        alerts=taken,
        count_all=count,
        commands=commands,
        now_ns=request.app[HTTP].clock.now_ns(),
        props={"given": shown, "action": action, "now_ms": request.app[HTTP].clock.now_ms()},
    )
