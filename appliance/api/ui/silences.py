"""`/silences`, `/silences/ID`: what is silenced, by whom and until when; extend and end it.

Invariant: the forms change something only for those who may (`require_control`): with the token
where one is set, and never from a page of another site.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.filters import AlertFilter
from appliance.api.http import HTTP, require_control
from appliance.api.request import parameters_of
from appliance.api.ui.alerts import MOST, api_url, firing, matchers_in
from appliance.api.ui.rendering import json_answer, page, variable, wants_json
from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput, NotFound
from appliance.base.tasks import offload
from appliance.model.silence import Silence, SilenceState
from appliance.ui.alerts import selector, silence_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.api.alertmanager.deps import AlertmanagerApiDeps
    from appliance.model.matcher import Matcher
    from appliance.ui.alerts import AlertRow

_STATES = (SilenceState.ACTIVE, SilenceState.PENDING, SilenceState.EXPIRED)
_MS_NS = 10**6
#: Silences that have not begun are compared with what fires one by one: only so many.
_MOST_COMPARED = 50
#: By how much a silence can be extended with one click.
EXTENSIONS = ("1h", "4h", "1d")


async def silences(request: web.Request) -> web.Response:
    """`GET /silences`: by state; active ones that end first, expired ones that ended last first."""
    now_ns, deps = request.app[HTTP].clock.now_ns(), request.app[ALERTMANAGER]
    asked = matchers_in([*request.query.getall("m", ()), *request.query.getall("filter", ())])
    found = [
        one
        for one in deps.alertmanager.silences.all()
        if all(matcher in one.matchers for matcher in asked)
    ]
    sections = {state.value: _of(found, state, now_ns) for state in _STATES}
    counts = await _counts(deps, sections[SilenceState.PENDING.value][:_MOST_COMPARED])
    if wants_json(request):
        return json_answer(
            {
                state: [
                    asdict(silence_row(one, now_ns)) | {"alerts": counts.get(one.id)}
                    for one in some
                ]
                for state, some in sections.items()
            }
        )
    return await page(
        request,
        "silences.html",
        sections=[
            (state, [silence_row(one, now_ns) for one in some[:MOST]], len(some))
            for state, some in sections.items()
        ],
        counts=counts,
        count_all=len(found),
        matchers=selector(asked),
        extensions=EXTENSIONS,
        now_ns=now_ns,
        api=api_url(request),
    )


async def _counts(deps: AlertmanagerApiDeps, pending: Sequence[Silence]) -> Mapping[str, int]:
    """How many alerts that fire each silence holds back, or would once it begins."""
    views = await deps.alertmanager.shown.all_alerts()

    def count() -> Mapping[str, int]:
        counts = Counter(silence_id for view in views for silence_id in view.silenced_by)
        for one in pending:
            counts[one.id] = sum(one.matches(view.alert.labels) for view in views)
        return counts

    return await offload(count)


async def silence(request: web.Request) -> web.Response:
    """`GET /silences/ID`.

    Raises:
        NotFound: There is none.
    """
    found, now_ns = silence_of(request), request.app[HTTP].clock.now_ns()
    row, (taken, count) = silence_row(found, now_ns), await taken_by(request, found.matchers)
    if wants_json(request):
        alerts = [asdict(one) for one in taken]
        return json_answer({"silence": asdict(row), "count": count, "alerts": alerts})
    return await page(
        request,
        "silence.html",
        row=row,
        alerts=taken,
        count_all=count,
        extensions=EXTENSIONS,
        now_ns=now_ns,
        api=api_url(request),
    )


async def change(request: web.Request) -> web.Response:
    """`POST /silences/ID`: it ends now, or later by `extend` (a duration).

    Raises:
        NotFound: There is none.
        BadInput: The duration is none, or the silence is over.
    """
    require_control(request)
    found, form = silence_of(request), await parameters_of(request)
    all_silences = request.app[ALERTMANAGER].alertmanager.silences
    if not form.get("extend"):
        await all_silences.expire(found.id)
    else:
        now_ns = request.app[HTTP].clock.now_ns()
        if found.state(now_ns) is SilenceState.EXPIRED:
            raise BadInput("the silence is over; silence the same again")
        by_ns = parse_duration(form["extend"]) * _MS_NS
        await all_silences.set(replace(found, ends_ns=found.ends_ns + by_ns))
    back = form.get("back", "")
    raise web.HTTPSeeOther("/silences" if back == "/silences" else f"/silences/{found.id}")


async def taken_by(request: web.Request, matchers: Sequence[Matcher]) -> tuple[list[AlertRow], int]:
    """The first alerts that fire and that matchers take, and how many these are."""
    wanted = AlertFilter(tuple(matchers), None, (), *[True] * 5)
    now_ns = request.app[HTTP].clock.now_ns()
    found = await firing(request.app[ALERTMANAGER], wanted, now_ns)
    return found.rows, found.matching


def silence_of(request: web.Request) -> Silence:
    """The silence of the path.

    Raises:
        NotFound: There is none.
    """
    silence_id = variable(request, "id")
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
