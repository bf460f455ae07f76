"""Errors as each contract's clients expect them: kind of error → status and body.

`describe` brings everything that may go wrong into one form, a `Failure`; a contract is a function
from a failure to a response. Nothing below `api/` knows a status code.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

import orjson
from aiohttp import web

from appliance.base.errors import (
    ApplianceError,
    BadInput,
    Conflict,
    LimitExceeded,
    NotFound,
    QueryFailed,
    StorageFull,
    TimedOut,
    TooLarge,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)


class Kind(Enum):
    """What went wrong.

    Attributes:
        status: The usual status.
    """

    BAD_INPUT = ("bad input", 400)
    UNAUTHORIZED = ("unauthorized", 401)
    FORBIDDEN = ("forbidden", 403)
    NOT_FOUND = ("not found", 404)
    NO_SUCH_PATH = ("no such path", 404)
    WRONG_METHOD = ("wrong method", 405)
    TOO_SLOW = ("too slow", 408)
    CONFLICT = ("conflict", 409)
    TOO_LARGE = ("too large", 413)
    UNSUPPORTED_TYPE = ("unsupported type", 415)
    QUERY_FAILED = ("query failed", 422)
    OVER_LIMIT = ("over limit", 422)
    TOO_MANY = ("too many", 429)
    INTERNAL = ("internal", 500)
    STORAGE_FULL = ("storage full", 503)
    UNAVAILABLE = ("unavailable", 503)
    TIMED_OUT = ("timed out", 504)

    def __init__(self, text: str, status: int) -> None:
        self.text = text
        self.status = status


@dataclass(frozen=True, slots=True)
class Failure:
    """An error before it has an envelope.

    Attributes:
        message: For people; complete.
        status: The usual status; a contract may have another one.
        headers: To be sent along, such as `Retry-After` or `Allow`.
    """

    kind: Kind
    message: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


class Contract(Protocol):
    """How a contract answers when something went wrong."""

    def __call__(self, request: web.Request, failure: Failure) -> web.Response:
        """The whole answer."""
        ...


_KINDS: tuple[tuple[type[ApplianceError], Kind], ...] = (
    (BadInput, Kind.BAD_INPUT),
    (NotFound, Kind.NOT_FOUND),
    (QueryFailed, Kind.QUERY_FAILED),
    (Conflict, Kind.CONFLICT),
    (TooLarge, Kind.TOO_LARGE),
    (LimitExceeded, Kind.OVER_LIMIT),
    (StorageFull, Kind.STORAGE_FULL),
    (Unavailable, Kind.UNAVAILABLE),
    (TimedOut, Kind.TIMED_OUT),
)
_HTTP_KINDS = {
    401: Kind.UNAUTHORIZED,
    403: Kind.FORBIDDEN,
    404: Kind.NO_SUCH_PATH,
    405: Kind.WRONG_METHOD,
    408: Kind.TOO_SLOW,
    413: Kind.TOO_LARGE,
    415: Kind.UNSUPPORTED_TYPE,
}


def describe(error: BaseException, *, listener: str = "") -> Failure:
    """What went wrong, whatever raised it; a bug is logged with its traceback."""
    if isinstance(error, web.HTTPException):
        kind = _HTTP_KINDS.get(error.status, Kind.BAD_INPUT)
        names = ("Allow", "WWW-Authenticate")
        headers = _headers(**{name: error.headers.get(name) for name in names})
        return Failure(kind, error.text or error.reason, error.status, headers)
    if isinstance(error, web.RequestPayloadError):
        return Failure(Kind.BAD_INPUT, f"request body cannot be read: {error}", 400)
    if isinstance(error, ApplianceError):
        kind = next((kind for base, kind in _KINDS if isinstance(error, base)), Kind.INTERNAL)
        if isinstance(error, LimitExceeded) and error.retryable:
            kind = Kind.TOO_MANY
        wait = f"{error.retry_after_seconds:.0f}" if isinstance(error, Unavailable) else None
        headers = _headers(**{"Retry-After": wait})
        return Failure(kind, error.message, kind.status, headers)
    return Failure(Kind.INTERNAL, unexpected(error, listener), 500)


def unexpected(error: BaseException, listener: str) -> str:
    """Log a bug with its traceback; the result is what a client may be told."""
    _log.error("unexpected error on listener %s", listener, exc_info=error)
    return f"internal error ({type(error).__name__}); the server's log says more"


def _headers(**given: str | None) -> dict[str, str]:
    return {name: value for name, value in given.items() if value is not None}


def _json(status: int, document: object, headers: Mapping[str, str]) -> web.Response:
    body = orjson.dumps(document)
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def text_response(failure: Failure, status: int, message: str | None = None) -> web.Response:
    """A plain text answer as Go's `http.Error` gives it: the message and a newline."""
    headers = {"X-Content-Type-Options": "nosniff", **failure.headers}
    text = failure.message if message is None else message
    return web.Response(text=text + "\n", status=status, headers=headers)


def _unmatched(failure: Failure) -> web.Response | None:
    """What Go's routers say when no route fits, or None when one did."""
    if failure.kind is Kind.NO_SUCH_PATH:
        return text_response(failure, 404, "404 page not found")
    if failure.kind is Kind.WRONG_METHOD:
        return text_response(failure, 405, "Method Not Allowed")
    return None


_PROMETHEUS = {
    Kind.BAD_INPUT: (400, "bad_data"),
    Kind.UNAUTHORIZED: (401, "unauthorized"),
    Kind.FORBIDDEN: (403, "forbidden"),
    Kind.NOT_FOUND: (404, "not_found"),
    Kind.TOO_SLOW: (408, "timeout"),
    Kind.CONFLICT: (409, "bad_data"),
    Kind.TOO_LARGE: (413, "bad_data"),
    Kind.UNSUPPORTED_TYPE: (415, "bad_data"),
    Kind.QUERY_FAILED: (422, "execution"),
    Kind.OVER_LIMIT: (422, "execution"),
    Kind.TOO_MANY: (429, "unavailable"),
    Kind.STORAGE_FULL: (503, "unavailable"),
    Kind.UNAVAILABLE: (503, "unavailable"),
    Kind.TIMED_OUT: (503, "timeout"),
    Kind.INTERNAL: (500, "internal"),
}


def prometheus(request: web.Request, failure: Failure) -> web.Response:
    """Prometheus' HTTP API v1: `{"status":"error","errorType":…,"error":…}`."""
    del request
    unmatched = _unmatched(failure)
    if unmatched is not None:
        return unmatched
    status, error_type = _PROMETHEUS[failure.kind]
    document = {"status": "error", "errorType": error_type, "error": failure.message}
    return _json(status, document, failure.headers)


def pushgateway(request: web.Request, failure: Failure) -> web.Response:
    """Pushgateway: plain text; limits are 400, as for everything that it refuses."""
    del request
    unmatched = _unmatched(failure)
    if unmatched is not None:
        return unmatched
    return text_response(failure, 400 if failure.kind is Kind.OVER_LIMIT else failure.status)


_LOKI = {
    Kind.OVER_LIMIT: 400,
    Kind.QUERY_FAILED: 500,
    Kind.CONFLICT: 400,
    Kind.UNSUPPORTED_TYPE: 400,
}
_LOKI_TIMED_OUT = (
    "request timed out, decrease the duration of the request or add more label matchers"
    " (prefer exact match over regex match) to reduce the amount of data processed"
)


def loki(request: web.Request, failure: Failure) -> web.Response:
    """Loki: plain text without a newline; limits of a query are 400, of ingestion 429."""
    del request
    unmatched = _unmatched(failure)
    if unmatched is not None:
        return unmatched
    message = _LOKI_TIMED_OUT if failure.kind is Kind.TIMED_OUT else failure.message
    headers = {"X-Content-Type-Options": "nosniff", **failure.headers}
    status = _LOKI.get(failure.kind, failure.status)
    return web.Response(text=message, status=status, headers=headers)


def loki_push(request: web.Request, failure: Failure) -> web.Response:
    """Loki's answers to pushes: the same with a newline."""
    del request
    unmatched = _unmatched(failure)
    if unmatched is not None:
        return unmatched
    return text_response(failure, _LOKI.get(failure.kind, failure.status))


def tempo(request: web.Request, failure: Failure) -> web.Response:
    """Tempo: plain text; limits of a query are 400 or 429."""
    del request
    unmatched = _unmatched(failure)
    if unmatched is not None:
        return unmatched
    return text_response(failure, 400 if failure.kind is Kind.OVER_LIMIT else failure.status)


def jaeger(request: web.Request, failure: Failure) -> web.Response:
    """Jaeger's query API: the usual envelope with `errors`; the code is the HTTP status."""
    del request
    unmatched = _unmatched(failure)
    if unmatched is not None:
        return unmatched
    status = 400 if failure.kind is Kind.OVER_LIMIT else failure.status
    errors = [{"code": status, "msg": failure.message}]
    document = {"data": None, "total": 0, "limit": 0, "offset": 0, "errors": errors}
    return _json(status, document, failure.headers)


def zipkin(request: web.Request, failure: Failure) -> web.Response:
    """Zipkin's collector: plain text."""
    del request
    unmatched = _unmatched(failure)
    if unmatched is not None:
        return unmatched
    return text_response(failure, 429 if failure.kind is Kind.OVER_LIMIT else failure.status)


def jaeger_collector(request: web.Request, failure: Failure) -> web.Response:
    """Jaeger's collector: plain text, after what it says when a body cannot be read."""
    if failure.kind is Kind.BAD_INPUT and not failure.message.startswith(_JAEGER_OWN):
        message = f"Unable to process request body: {failure.message}"
        return text_response(failure, failure.status, message)
    return zipkin(request, failure)


#: Beginnings of messages that are Jaeger's already.
_JAEGER_OWN = ("Unsupported content type", "'service' parameter")


def alertmanager(request: web.Request, failure: Failure) -> web.Response:
    """Alertmanager's API v2: a JSON string, or code and message where no operation fits."""
    headers = dict(failure.headers)
    if not request.path.startswith("/api/v2") and (unmatched := _unmatched(failure)) is not None:
        return unmatched
    if failure.kind is Kind.NO_SUCH_PATH:
        message = f"path {request.path} was not found"
    elif failure.kind is Kind.WRONG_METHOD:
        headers["Allow"] = headers.get("Allow", "").replace(" ", "")
        message = f"method {request.method} is not allowed, but [{headers['Allow']}] are"
    else:
        body = orjson.dumps(failure.message, option=orjson.OPT_APPEND_NEWLINE)
        return web.Response(
            body=body, status=failure.status, headers=headers, content_type="application/json"
        )
    return _json(failure.status, {"code": failure.status, "message": message}, headers)


_GRPC_CODES = {
    Kind.UNAUTHORIZED: 16,
    Kind.FORBIDDEN: 7,
    Kind.TOO_SLOW: 4,
    Kind.NOT_FOUND: 5,
    Kind.NO_SUCH_PATH: 5,
    Kind.WRONG_METHOD: 12,
    Kind.TOO_LARGE: 8,
    Kind.OVER_LIMIT: 8,
    Kind.TOO_MANY: 8,
    Kind.STORAGE_FULL: 14,
    Kind.UNAVAILABLE: 14,
    Kind.TIMED_OUT: 4,
    Kind.INTERNAL: 13,
}


def otlp(request: web.Request, failure: Failure) -> web.Response:
    """OTLP/HTTP: google.rpc.Status in the request's encoding (OTLP specification, Failures)."""
    from appliance.wire.otlp.response import encode_status  # noqa: PLC0415 - protobuf

    as_json = request.content_type == "application/json"
    code = _GRPC_CODES.get(failure.kind, 3)
    return web.Response(
        body=encode_status(code, failure.message, as_json=as_json),
        status=failure.status,
        headers=failure.headers,
        content_type="application/json" if as_json else "application/x-protobuf",
    )


def plain(request: web.Request, failure: Failure) -> web.Response:
    """Our own: `{"error": …}`, and for an unknown path a word on what is served here."""
    message = failure.message
    if failure.kind is Kind.NO_SUCH_PATH:
        message = f"nothing is served at {request.path}"
    return _json(failure.status, {"error": message}, failure.headers)
