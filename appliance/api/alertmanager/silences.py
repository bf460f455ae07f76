"""`/api/v2/silences` and `/api/v2/silence/{id}` (Alertmanager, API v2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.filters import flag, matchers_of
from appliance.api.alertmanager.framework import answer, refusal
from appliance.api.alertmanager.shapes import silence_json
from appliance.api.http import HTTP, require_control
from appliance.api.request import body_of
from appliance.base.errors import BadInput, NotFound
from appliance.base.re2 import Pattern
from appliance.model.matcher import MatchOp
from appliance.model.silence import Silence, SilenceState
from appliance.wire.alertmanager.fields import INVALID_TYPE
from appliance.wire.alertmanager.posted_silence import read_silence

if TYPE_CHECKING:
    from appliance.model.matcher import Matcher
    from appliance.wire.alertmanager.posted_silence import PostedSilence

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
#: How states are ordered when all are shown.
_ORDER = {SilenceState.ACTIVE: 1, SilenceState.PENDING: 2, SilenceState.EXPIRED: 3}
#: Go's zero time.
_ZERO_NS = -62_135_596_800 * 10**9


async def show_all(request: web.Request) -> web.Response:
    """`GET /api/v2/silences`.

    Raises:
        BadInput: A filter is none.
    """
    wanted = matchers_of(request)
    states = {state for state in SilenceState if flag(request, state.value)}
    now_ns = request.app[HTTP].clock.now_ns()
    found = [
        silence
        for silence in request.app[ALERTMANAGER].alertmanager.silences.all()
        if silence.state(now_ns) in states
        and all(matcher in silence.matchers for matcher in wanted)
    ]
    found.sort(key=lambda silence: _order(silence, now_ns))
    return answer([silence_json(silence, now_ns) for silence in found])


def _order(silence: Silence, now_ns: int) -> tuple[int, int]:
    """Active ones by their end, pending ones by their start, expired ones the latest first."""
    state = silence.state(now_ns)
    if state is SilenceState.PENDING:
        return _ORDER[state], silence.starts_ns
    return _ORDER[state], silence.ends_ns if state is SilenceState.ACTIVE else -silence.ends_ns


async def show(request: web.Request) -> web.Response:
    """`GET /api/v2/silence/{id}`."""
    silence_id = _id_of(request)
    if isinstance(silence_id, web.Response):
        return silence_id
    try:
        silence = request.app[ALERTMANAGER].alertmanager.silences.get(silence_id)
    except NotFound:
        return web.Response(status=404)
    return answer(silence_json(silence, request.app[HTTP].clock.now_ns()))


async def expire(request: web.Request) -> web.Response:
    """`DELETE /api/v2/silence/{id}`: it ends now; twice is fine."""
    require_control(request)
    silence_id = _id_of(request)
    if isinstance(silence_id, web.Response):
        return silence_id
    try:
        await request.app[ALERTMANAGER].alertmanager.silences.expire(silence_id)
    except NotFound:
        return web.Response(status=404)
    return web.Response()


def _id_of(request: web.Request) -> str | web.Response:
    """The id in the path, or the framework's refusal."""
    text = request.match_info["silenceID"]
    if not _UUID.fullmatch(text):
        return refusal(422, f'silenceID in path must be of type uuid: "{text}"', INVALID_TYPE)
    return text


async def receive(request: web.Request) -> web.Response:
    """`POST /api/v2/silences`: a new silence, or another version of one.

    Raises:
        BodyRefused: The body is refused as a whole.
        BadInput: The silence is not valid.
    """
    require_control(request)
    posted = read_silence(await body_of(request))
    now_ns = request.app[HTTP].clock.now_ns()
    silence = _checked(posted, now_ns)
    try:
        silence_id = await request.app[ALERTMANAGER].alertmanager.silences.set(silence)
    except NotFound:
        return answer("silence not found", 404)
    return answer({"silenceID": silence_id})


def _checked(posted: PostedSilence, now_ns: int) -> Silence:
    """The silence that a client describes.

    Raises:
        BadInput: In Alertmanager's words.
    """
    starts_ns, ends_ns = (
        _ZERO_NS if at_ns is None else at_ns for at_ns in (posted.starts_ns, posted.ends_ns)
    )
    if starts_ns >= ends_ns:
        raise BadInput("Failed to create silence: start time must be before end time")
    if ends_ns < now_ns:
        raise BadInput("Failed to create silence: end time can't be in the past")
    for index, matcher in enumerate(posted.matchers):
        reason = _fault(matcher)
        if reason:
            raise BadInput(f"invalid silence: invalid label matcher {index} in set 0: {reason}")
    if all(_matches_empty(matcher) for matcher in posted.matchers):
        reason = "at least one matcher must not match the empty string"
        raise BadInput(f"invalid silence: matcher set 0: {reason}")
    return Silence(
        posted.id,
        posted.matchers,
        starts_ns,
        ends_ns,
        now_ns,
        posted.created_by,
        posted.comment,
        posted.annotations,
    )


def _matches_empty(matcher: Matcher) -> bool:
    """Whether a matcher takes alerts without its label; negative ones never count as such."""
    return matcher.op in {MatchOp.EQUAL, MatchOp.REGEX} and matcher.matches("")


def _fault(matcher: Matcher) -> str:
    """What is wrong with a matcher; empty when nothing is."""
    if not matcher.name:
        return 'invalid label name ""'
    if matcher.op in {MatchOp.REGEX, MatchOp.NOT_REGEX}:
        try:
            Pattern(matcher.value)
        except BadInput as error:
            return f'invalid regular expression "{matcher.value}": {error.message}'
    return ""
