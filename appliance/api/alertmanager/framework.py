"""What Alertmanager's framework (go-openapi) does around every operation of API v2.

It refuses media types, tells of bodies and parameters it cannot use by `{"code", "message"}`, and
lets pages of all origins in (rs/cors with its defaults).

# Differs from Alertmanager: pages of other sites may only read. In a browser on the machine of a
# server without a token, any page could make silences otherwise.
"""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance.api.origin import is_own_origin
from appliance.wire.alertmanager.fields import BROKEN, BodyRefused

if TYPE_CHECKING:
    from appliance.api.http import Handler

PREFIX = "/api/v2"
_JSON = "application/json"
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = re.compile(rf"\s*({_WORD}(?:/{_WORD})?)\s*(.*)", re.DOTALL)
_PARAMETER = rf'\s*{_WORD}\s*=\s*(?:{_WORD}|"(?:[^"\\]|\\.)*")\s*'
_PARAMETERS = re.compile(rf"(?:;{_PARAMETER})*;?\s*", re.DOTALL)
#: Methods and headers that pages of other origins may use.
_PAGES_METHODS = {"GET", "HEAD"}
_OWN_METHODS = _PAGES_METHODS | {"POST"}
_PAGES_HEADERS = {"accept", "content-type", "x-requested-with"}


def answer(document: object, status: int = 200) -> web.Response:
    """A JSON answer; a line ends it, as Go's encoder has it."""
    return encoded(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE), status)


def encoded(body: bytes, status: int = 200) -> web.Response:
    """A JSON answer that is encoded already."""
    return web.Response(body=body, status=status, content_type=_JSON)


def refusal(status: int, message: str, code: int | None = None) -> web.Response:
    """An error of the framework.

    Args:
        code: Its own number; the status if there is none.
    """
    return encoded(orjson.dumps({"code": code or status, "message": message}), status)


def operation(handler: Handler) -> Handler:
    """A handler of API v2 with the framework around it."""

    @wraps(handler)
    async def handle(request: web.Request) -> web.StreamResponse:
        if not _is_accepted(request.headers.get("Accept", "")):
            message = f"unsupported media type requested, only [{_JSON}] are available"
            return refusal(406, message)
        refused = _media_type_refusal(request)
        if refused is not None:
            return refused
        try:
            return await handler(request)
        except BodyRefused as error:
            status = 400 if error.code == BROKEN else 422
            return refusal(status, error.message, error.code)

    return handle


def _is_accepted(accept: str) -> bool:
    ranges = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    return not accept.strip() or bool(ranges & {"*/*", "application/*", _JSON})


def _media_type_refusal(request: web.Request) -> web.Response | None:
    if not request.can_read_body:
        return None
    given = request.headers.get("Content-Type", "") or "application/octet-stream"
    match = _MEDIA_TYPE.fullmatch(given)
    reason = ""
    if match is None:
        reason = "mime: no media type"
    elif "/" not in match[1]:
        reason = f'mediatype: malformed: "{match[1].lower()}" has no subtype'
    elif not _PARAMETERS.fullmatch(match[2]):
        reason = "mime: invalid media parameter"
    if match is None or reason:
        message = f'parsing Content-Type header from "{given}" failed, because {reason}'
        return refusal(400, message)
    if match[1].lower() != _JSON:
        shown = f'unsupported media type "{given}", only [{_JSON}] are allowed'
        return refusal(415, shown)
    return None


@web.middleware
async def preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Browsers ask with OPTIONS before they send."""
    wanted = request.headers.get("Access-Control-Request-Method", "")
    if request.method != "OPTIONS" or not wanted or not _is_ours(request):
        return await handler(request)
    vary = {"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
    headers = request.headers.get("Access-Control-Request-Headers", "")
    names = {name.strip().lower() for name in headers.split(",") if name.strip()}
    is_own = is_own_origin(request.headers.get("Origin"), request.host)
    methods = _OWN_METHODS if is_own else _PAGES_METHODS
    if wanted not in methods or not names <= _PAGES_HEADERS:
        return web.Response(status=204, headers=vary)
    allowed = vary | {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": wanted}
    if headers:
        allowed["Access-Control-Allow-Headers"] = headers
    return web.Response(status=204, headers=allowed)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """What all answers of the API carry, errors included."""
    if not _is_ours(request) or "Vary" in response.headers:
        return
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Origin"
    if "Origin" in request.headers:
        response.headers["Access-Control-Allow-Origin"] = "*"


def _is_ours(request: web.Request) -> bool:
    return request.path.startswith(PREFIX + "/")
