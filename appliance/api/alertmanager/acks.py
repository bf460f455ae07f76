"""Acknowledgements: who takes care of which alert, or of all alerts of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.alertmanager.matchers import parse_matchers
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.framework import answer
from appliance.api.http import HTTP, require_control, require_token
from appliance.api.request import body_of
from appliance.base.errors import BadInput, NotFound
from appliance.model.matcher import matches_all
from appliance.oncall.acks import Ack
from appliance.oncall.pagerduty import is_signed, read_event
from appliance.wire.alertmanager.times import parse_time, print_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from appliance.oncall.service import Oncall

_SELECTORS = ("fingerprints", "group", "filter")


async def show(request: web.Request) -> web.Response:
    """`GET /api/ui/alerts/acks`: all acknowledgements that hold, the oldest first."""
    oncall = request.app[ALERTMANAGER].oncall()
    return answer({"acks": [ack_json(one, oncall) for one in oncall.acks.all()]})


async def ack(request: web.Request) -> web.Response:
    """`POST /api/ui/alerts/ack`: acknowledge alerts that fire.

    The body is `{"fingerprints": […]}`, `{"group": "KEY"}` or `{"filter": ["MATCHER", …]}` with
    `by`, and if need be `comment` and an end, `until` (RFC 3339) or `seconds`.

    Raises:
        BadInput: The body is something else.
        NotFound: No such alert fires.
    """
    require_control(request)
    given = await _given(request)
    oncall = request.app[ALERTMANAGER].oncall()
    now_ns = request.app[HTTP].clock.now_ns()
    by = _text(given, "by")
    if not by:
        raise BadInput("'by' must say who acknowledges")
    ends_ns = _end(given, now_ns)
    comment = _text(given, "comment")
    made = [
        Ack(kind, key, by, comment, now_ns, "api", ends_ns)
        for kind, key in _selected(request, given)
    ]
    for one in made:
        await oncall.acks.add(one)
    return answer({"acks": [ack_json(one, oncall) for one in made]})


async def unack(request: web.Request) -> web.Response:
    """`POST /api/ui/alerts/unack`: take acknowledgements back; the body as for `ack`.

    Raises:
        BadInput: The body is something else.
        NotFound: There is no such acknowledgement.
    """
    require_control(request)
    given = await _given(request)
    oncall = request.app[ALERTMANAGER].oncall()
    selected = _selected(request, given)
    if given.get("filter"):
        held = {(one.kind, one.key) for one in oncall.acks.all()}
        named, selected = selected, [one for one in selected if one in held]
        if not selected:
            raise NotFound(_not_acked(oncall, [key for _, key in named]))
    for kind, key in selected:
        await oncall.acks.remove(kind, key, by=_text(given, "by"))
    return answer({"removed": [{"kind": kind, "key": key} for kind, key in selected]})


async def pagerduty(request: web.Request) -> web.Response:
    """`POST /api/pagerduty/webhook`: PagerDuty, "Webhooks V3".

    Raises:
        BadInput: The body is something else.
        web.HTTPUnauthorized: It is not signed, or has no token where no secret is configured.
    """
    oncall = request.app[ALERTMANAGER].oncall()
    secret = oncall.config.pagerduty.webhook_secret
    if secret is None:
        require_token(request)
    body = await body_of(request)
    if secret is not None:
        from aiohttp import web  # noqa: PLC0415 - for its exception

        header = request.headers.get("X-PagerDuty-Signature", "")
        if not is_signed(body, secret.reveal(), header):
            raise web.HTTPUnauthorized(text="the signature is missing or wrong")
    is_ours = await oncall.incident(read_event(body))
    return answer({"taken": is_ours})


def ack_json(one: Ack, oncall: Oncall) -> dict[str, Any]:
    """An acknowledgement as it is shown."""
    return {
        "kind": one.kind,
        "key": one.key,
        "by": one.by,
        "comment": one.comment,
        "via": one.via,
        "at": print_time(one.at_ns),
        "until": print_time(one.expires_ns) if one.expires_ns else None,
        "alerts": oncall.acks.members(one),
    }


def _selected(request: web.Request, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Kinds and keys of what a body is about.

    Raises:
        BadInput: It does not say, or says it twice.
        NotFound: No alert that fires has these labels.
    """
    named = [name for name in _SELECTORS if given.get(name)]
    if len(named) != 1:
        raise BadInput(f"write one of {', '.join(_SELECTORS)}")
    if named == ["group"]:
        return [("group", _text(given, "group"))]
    texts = given[named[0]]
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise BadInput(f"{named[0]!r} must be a list of texts")
    if named == ["fingerprints"]:
        return [("alert", one) for one in texts]
    found = _matching(request, texts)
    if not found:
        raise NotFound("no alert fires that matches")
    return [("alert", one) for one in found]


def _not_acked(oncall: Oncall, fingerprints: Sequence[str]) -> str:
    """Why there is nothing to take back."""
    found = (oncall.acks.of(one) for one in fingerprints)
    if groups := sorted({repr(one.key) for one in found if one is not None}):
        return f"acknowledged with their group, to be taken back by group: {', '.join(groups)}"
    return "no such alert is acknowledged"


def _matching(request: web.Request, texts: Sequence[str]) -> list[str]:
    matchers = tuple(matcher for text in texts for matcher in parse_matchers(text))
    if not matchers:
        raise BadInput("'filter' has no matchers")
    firing = request.app[ALERTMANAGER].alertmanager.firing()
    return sorted(one.fingerprint for one in firing if matches_all(matchers, one.labels))


async def _given(request: web.Request) -> Mapping[str, Any]:
    try:
        given = orjson.loads(await body_of(request))
    except orjson.JSONDecodeError as error:
        raise BadInput(f"the body is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise BadInput("the body must be an object")
    return given


def _text(given: Mapping[str, Any], name: str) -> str:
    text = given.get(name, "")
    if not isinstance(text, str):
        raise BadInput(f"{name!r} must be a text")
    return text.strip()


def _end(given: Mapping[str, Any], now_ns: int) -> int:
    """When it ends; 0: with the alert."""
    seconds = given.get("seconds")
    if seconds is not None:
        if not isinstance(seconds, int | float) or not 0 < seconds < 10**9:
            raise BadInput("'seconds' must be a positive number")
        return now_ns + int(seconds * 1e9)
    text = _text(given, "until")
    return (parse_time(text) or 0) if text else 0
