"""Errors of version 3: `{"error":{"httpCode":…,"message":…}}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance.api.errors import Kind, text_response

if TYPE_CHECKING:
    from appliance.api.errors import Failure


def error(request: web.Request, failure: Failure) -> web.Response:
    """The whole answer."""
    del request
    if failure.kind is Kind.NO_SUCH_PATH:
        return text_response(failure, 404, "404 page not found")
    status = 400 if failure.kind is Kind.OVER_LIMIT else failure.status
    body = orjson.dumps({"error": {"httpCode": status, "message": failure.message}})
    return web.Response(
        body=body, status=status, headers=failure.headers, content_type="application/json"
    )
