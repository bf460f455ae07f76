"""`/silences`, `/silences/ID`, `/silences/new`: what is silenced, and how to silence something.

Invariant: the forms change something only for those who may (`require_control`): with the token
where one is set, and never from a page of another site.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.filters import AlertFilter
from appliance.api.http import HTTP, require_control
from appliance.api.request import parameters_of
from appliance.api.ui.alerts import MOST, api_url, firing, matchers_in
from appliance.api.ui.rendering import json_answer, page, wants_json
from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput, NotFound
from appliance.model.silence import Silence, SilenceState
from appliance.ui.alerts import selector, silence_commands, silence_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.model.matcher import Matcher
    from appliance.ui.alerts import AlertRow

_STATES = (SilenceState.ACTIVE, SilenceState.PENDING, SilenceState.EXPIRED)
_MS_NS = 10**6
_USUAL = {"m": "", "by": "", "comment": "", "duration": "2h"}


async def silences(request: web.Request) -> web.Response:
    """`GET /silences`: by state; active ones that end first, expired ones that ended last first."""
    now_ns = request.app[HTTP].clock.now_ns()
    asked = matchers_in([*request.query.getall("m", ()), *request.query.getall("filter", ())])
    found = [
        one
        for one in request.app[ALERTMANAGER].alertmanager.silences.all()
        if all(matcher in one.matchers for matcher in asked)
    ]
    sections = [(state.value, _of(found, state, now_ns)) for state in _STATES]
    if wants_json(request):
        return json_answer(
            {state: [asdict(silence_row(one, now_ns)) for one in some] for state, some in sections}
        )
    return await page(
        request,
        "silences.html",
        sections=[
            (state, [silence_row(one, now_ns) for one in some[:MOST]], len(some))
            for state, some in sections
        ],
        count_all=len(found),
        matchers=selector(asked),
        now_ns=now_ns,
        api=api_url(request),
    )


async def silence(request: web.Request) -> web.Response:
    """`GET /silences/ID`.

    Raises:
        NotFound: There is none.
    """
    found, now_ns = _found(request), request.app[HTTP].clock.now_ns()
    row, taken = silence_row(found, now_ns), await _taken(request, found.matchers)
    if wants_json(request):
        alerts = [asdict(one) for one in taken[:MOST]]
        return json_answer({"silence": asdict(row), "alerts": alerts})
    return await page(
        request,
        "silence.html",
        row=row,
        alerts=taken[:MOST],
        count_all=len(taken),
        now_ns=now_ns,
        api=api_url(request),
    )


async def expire(request: web.Request) -> web.Response:
    """`POST /silences/ID`: it ends now.

    Raises:
        NotFound: There is none.
    """
    require_control(request)
    found = _found(request)
    await request.app[ALERTMANAGER].alertmanager.silences.expire(found.id)
    raise web.HTTPSeeOther(f"/silences/{found.id}")


async def new(request: web.Request) -> web.Response:
    """`GET /silences/new?m=…`: what would be silenced, and how."""
    matchers = matchers_in([*request.query.getall("m", ()), *request.query.getall("filter", ())])
    given = {name: request.query.get(name, usual) for name, usual in _USUAL.items()}
    return await _form(request, matchers, given)


async def create(request: web.Request) -> web.Response:
    """`POST /silences/new`: a silence from now on; what cannot be used is said above the form."""
    require_control(request)
    form = await parameters_of(request)
    given = {name: form.get(name, usual).strip() for name, usual in _USUAL.items()}
    matchers: list[Matcher] = []
    try:
        matchers = matchers_in([given["m"]])
        made = _read(matchers, given, request.app[HTTP].clock.now_ns())
        silence_id = await request.app[ALERTMANAGER].alertmanager.silences.set(made)
    except BadInput as error:
        return await _form(request, matchers, given, problem=error.message)
    raise web.HTTPSeeOther(f"/silences/{silence_id}")


def _read(matchers: Sequence[Matcher], given: Mapping[str, str], now_ns: int) -> Silence:
    if not matchers:
        raise BadInput('name at least one matcher, such as alertname="NAME"')
    if not (given["by"] and given["comment"]):
        raise BadInput("say who silences, and why")
    ends_ns = now_ns + parse_duration(given["duration"]) * _MS_NS
    if ends_ns <= now_ns:
        raise BadInput("a silence must last some time, such as 2h")
    return Silence("", tuple(matchers), now_ns, ends_ns, now_ns, given["by"], given["comment"])


async def _form(
    request: web.Request, matchers: Sequence[Matcher], given: Mapping[str, str], problem: str = ""
) -> web.Response:
    taken = await _taken(request, matchers) if matchers else []
    commands = silence_commands(matchers, api_url(request))
    text = selector(matchers)
    if wants_json(request):
        return json_answer(
            {
                "matchers": text,
                "alerts": [asdict(row) for row in taken[:MOST]],
                "commands": dict(commands),
            }
        )
    return await page(
        request,
        "silence_new.html",
        status=400 if problem else 200,
        matchers=text,
        given={**given, "m": text or given["m"]},
        problem=problem,
        alerts=taken[:MOST],
        count_all=len(taken),
        commands=commands,
        now_ns=request.app[HTTP].clock.now_ns(),
    )


async def _taken(request: web.Request, matchers: Sequence[Matcher]) -> list[AlertRow]:
    """Alerts that fire and that matchers take."""
    wanted = AlertFilter(tuple(matchers), None, (), *[True] * 5)
    rows, _ = await firing(request.app[ALERTMANAGER], wanted, request.app[HTTP].clock.now_ns())
    return rows


def _found(request: web.Request) -> Silence:
    silence_id = request.match_info["id"].removesuffix(".json")
    try:
        return request.app[ALERTMANAGER].alertmanager.silences.get(silence_id)
    except NotFound as error:
        raise NotFound(
            f"There is no silence {silence_id[:50]!r}; it may have been over for long."
            " Those there are: /silences"
        ) from error


def _of(found: Sequence[Silence], state: SilenceState, now_ns: int) -> list[Silence]:
    chosen = [one for one in found if one.state(now_ns) is state]
    if state is SilenceState.PENDING:
        return sorted(chosen, key=lambda one: one.starts_ns)
    return sorted(chosen, key=lambda one: one.ends_ns, reverse=state is SilenceState.EXPIRED)
