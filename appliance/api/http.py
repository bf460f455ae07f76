"""What all HTTP listeners share: application factory, middleware, tenants, tokens.

Invariants:
- Every answer, errors included, goes through `_serve`: it is counted and timed under the name of
  its listener, and an error has the envelope of the contract whose route it hit.
- Health, readiness and metrics are answered even when all slots for requests are taken.
"""

from __future__ import annotations

import asyncio
import gzip
import hmac
import logging
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.web import RequestKey

from appliance.api import admin
from appliance.api.errors import Contract, describe, plain
from appliance.api.origin import is_own_name, is_own_origin
from appliance.base import zstd
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.ingest.senders import Senders
from appliance.model.tenant import is_tenant
from appliance.query.limits import QueryLimits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from appliance.api.gate import Gate
    from appliance.api.query_gate import QueryGate
    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

T = TypeVar("T")
_log = logging.getLogger(__name__)
DEFAULT_TENANT = "anonymous"
#: A connection without a whole request is closed after this time, as by Prometheus.
_IDLE_SECONDS = 300.0
#: For requests that are still running once the listeners have been drained.
_LAST_SECONDS = 1.0
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
#: Larger answers are compressed in a worker thread.
_OFFLOAD_FROM_BYTES = 16 << 10
_GZIP_LEVEL, _ZSTD_LEVEL = 5, 3
_CLIENT_GONE = 499  # nginx' number, as Prometheus and Loki use it in their metrics
#: Paths whose handlers see to it that only those pass who may: by a signature, or another token.
_SELF_GUARDED = ("/ack/", "/api/heartbeat/", "/api/pagerduty/")


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds of one request, and of how many run at a time (`limits` of the settings)."""

    body_bytes: int = 64 << 20
    decompressed_bytes: int = 256 << 20
    header_bytes: int = 16 << 10
    concurrent_requests: int = 512


@dataclass(frozen=True, slots=True)
class HttpDeps:
    """What every HTTP listener needs.

    Attributes:
        admin: Health, readiness, reload and metrics.
        gate: Shared by all listeners.
        queries: How many run at a time, whatever the listener.
        query_limits: Bounds of one query.
        token: What clients that write must send; None: nothing.
        is_open: Whether reading needs no token: true where only this machine can connect.
        started_ms: When the server started.
        senders: Who sends what, over all listeners.
        public: Paths of the pages that may be read without the token where others need it; what
            ends in a slash is a prefix.
        host_names: Names besides local ones by which a listener for this machine is reached.
    """

    telemetry: Telemetry
    clock: Clock
    admin: admin.AdminDeps
    gate: Gate
    queries: QueryGate
    limits: HttpLimits = field(default_factory=HttpLimits)
    query_limits: QueryLimits = field(default_factory=QueryLimits)
    token: str | None = None
    is_open: bool = True
    host_names: frozenset[str] = frozenset()
    started_ms: int = 0
    senders: Senders = field(default_factory=Senders)
    public: tuple[str, ...] = ()


HTTP = web.AppKey("http", HttpDeps)
_NAME = web.AppKey("name", str)
_CONTRACT: RequestKey[Any] = RequestKey("contract", object)
HELD: RequestKey[int] = RequestKey("held", int)
_ENTERED: RequestKey[bool] = RequestKey("entered", bool)


def base_app(
    name: str, deps: HttpDeps, *, contract: Contract = plain, compress_from_bytes: int = 1024
) -> web.Application:
    """An application with everything but the contract's own routes.

    Args:
        name: The listener's name, for metrics.
        contract: The form of errors where no route of another contract matched.
        compress_from_bytes: Smaller answers are never compressed.
    """
    serve = _make_middleware(name, contract, compress_from_bytes)
    app = web.Application(middlewares=[serve], client_max_size=deps.limits.body_bytes)
    app[HTTP] = deps
    app[_NAME] = name
    app[admin.ADMIN] = deps.admin
    app.add_routes(admin.routes(name))
    return app


def make_app(deps: HttpDeps, *, name: str) -> web.Application:
    """The application of a listener whose contract comes later."""
    return base_app(name, deps)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a message is worth telling.

    A client that does not speak HTTP has its 400. When requests are cut off at the stop, aiohttp
    may set the result of a waiter that it has just cancelled.
    """
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | asyncio.InvalidStateError)


_log.addFilter(_is_news)


def make_runner(app: web.Application, limits: HttpLimits | None = None) -> web.AppRunner:
    """The one way to serve an application; bodies stay encoded, a client that leaves cancels."""
    header_bytes = (limits or app[HTTP].limits).header_bytes
    return web.AppRunner(
        app,
        access_log=None,
        logger=_log,
        handler_cancellation=True,
        auto_decompress=False,
        keepalive_timeout=_IDLE_SECONDS,
        shutdown_timeout=_LAST_SECONDS,
        max_line_size=header_bytes,
        max_field_size=header_bytes,
    )


def with_contract(contract: Contract, routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
    """Routes whose errors have a contract's form in whatever application they are."""

    def mark(handler: Handler) -> Handler:
        @wraps(handler)
        async def marked(request: web.Request) -> web.StreamResponse:
            request[_CONTRACT] = contract
            return await handler(request)

        return marked

    return [
        web.RouteDef(route.method, route.path, mark(route.handler), route.kwargs)
        for route in routes
    ]


def _make_middleware(name: str, contract: Contract, compress_from_bytes: int) -> Any:
    @web.middleware
    async def serve(request: web.Request, handler: Handler) -> web.StreamResponse:
        deps = request.app[HTTP]
        began = deps.clock.monotonic()
        try:
            response = await _answer(request, handler, name, contract)
        except asyncio.CancelledError:
            _record(deps, name, _CLIENT_GONE, began)
            raise
        if isinstance(response, web.Response) and not response.prepared:
            await _compress(request, response, compress_from_bytes)
            if deps.gate.is_draining:
                response.force_close()
        _record(deps, name, response.status, began)
        return response

    return serve


async def _answer(
    request: web.Request, handler: Handler, name: str, contract: Contract
) -> web.StreamResponse:
    try:
        if not admin.is_admin_request(request):
            request.app[HTTP].gate.enter()
            request[_ENTERED] = True
            _admit(request)
        return await handler(request)
    except Exception as error:
        if isinstance(error, web.HTTPException) and error.status < 400:
            raise
        failure = describe(error, listener=name)
        answer: web.Response = request.get(_CONTRACT, contract)(request, failure)
        return answer
    finally:
        request.app[HTTP].gate.release(request.get(HELD, 0))
        leave_gate(request)


def leave_gate(request: web.Request) -> None:
    """Count a request no longer: what lasts as long as a client likes keeps no slot, no stop up."""
    if request.pop(_ENTERED, False):
        request.app[HTTP].gate.leave()


def _admit(request: web.Request) -> None:
    """Let a request in: by token where other machines connect, by name where only this one does.

    Raises:
        web.HTTPUnauthorized: The token is missing or wrong.
        web.HTTPForbidden: A browser was led here by another site.
    """
    deps = request.app[HTTP]
    if not deps.is_open:
        # Browsers ask with OPTIONS, without a token, whether a page may send one.
        is_guarded = request.method == "OPTIONS" or request.path.startswith(_SELF_GUARDED)
        if not is_guarded and not _is_public(deps, request):
            require_token(request)
    elif not is_own_name(request.host, deps.host_names):
        raise web.HTTPForbidden(
            text=f"host {request.host[:200]!r} is not this server's;"
            " set external_url to the address it is reached by"
        )
    if request.path.startswith(admin.CONTROL_PREFIX) and request.method not in _SAFE_METHODS:
        require_control(request)


def _is_public(deps: HttpDeps, request: web.Request) -> bool:
    path = request.path
    return request.method in _SAFE_METHODS and any(
        path.startswith(one) if one.endswith("/") else path == one for one in deps.public
    )


async def _compress(request: web.Request, response: web.Response, from_bytes: int) -> None:
    body = response.body
    if not isinstance(body, bytes) or len(body) < max(from_bytes, 1):
        return
    if "Content-Encoding" in response.headers:
        return
    accepted = [item.strip() for item in request.headers.get("Accept-Encoding", "").split(",")]
    encoding = next((name for name in ("zstd", "gzip") if name in accepted), None)
    if encoding is not None:
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Content-Encoding"] = encoding
        pack = partial(gzip.compress, body, _GZIP_LEVEL, mtime=0)
        if encoding == "zstd":
            pack = partial(zstd.compress, body, _ZSTD_LEVEL)
        response.body = pack() if len(body) < _OFFLOAD_FROM_BYTES else await offload(pack)


def _record(deps: HttpDeps, name: str, status: int, began: float) -> None:
    telemetry = deps.telemetry
    telemetry.counter("appliance_api_requests_total", "Requests.", ("listener", "code")).labels(
        name, str(status)
    ).inc()
    telemetry.histogram(
        "appliance_api_request_seconds", "Time to answer a request.", ("listener",)
    ).labels(name).observe(deps.clock.monotonic() - began)


def tenant_of(request: web.Request) -> str:
    """The tenant a request is for (`X-Scope-OrgID`, as Loki and Tempo have it).

    Raises:
        BadInput: Not a tenant's name.
    """
    return valid_tenant(request.headers.get("X-Scope-OrgID", ""))


def valid_tenant(tenant: str) -> str:
    """A tenant's name as clients give it; the usual one for the empty string.

    Raises:
        BadInput: Not a tenant's name.
    """
    if not tenant:
        return DEFAULT_TENANT
    if not is_tenant(tenant):
        raise BadInput(
            f"X-Scope-OrgID {tenant[:200]!r} is not a tenant;"
            " use up to 150 of A-Z a-z 0-9 ! - _ . * ' ( )"
        )
    return tenant


def sender_of(request: web.Request) -> str:
    """Who sends a request, for people: address and program."""
    agent = request.headers.get("User-Agent", "")[:100]
    return f"{request.remote} ({agent})" if agent else str(request.remote)


def require_token(request: web.Request) -> None:
    """Let only clients pass that send the configured token.

    It is taken from `Authorization: Bearer`, from the password of `Authorization: Basic` (so that
    a browser can ask for it) and from `x-otlp-token`.

    Raises:
        web.HTTPUnauthorized: The token is missing or wrong.
    """
    token = request.app[HTTP].token
    if token is None:
        return
    candidates = (*_credentials(request), request.headers.get("X-OTLP-Token", ""))
    if not is_token(token, candidates):
        headers = {"WWW-Authenticate": 'Basic realm="appliance"'}
        raise web.HTTPUnauthorized(text="missing or wrong token", headers=headers)


def require_control(request: web.Request) -> None:
    """Let only those pass who may change or remove what is there.

    Raises:
        web.HTTPUnauthorized: The token is missing or wrong.
        web.HTTPForbidden: A browser was led here by another site.
    """
    require_token(request)
    if not is_own_origin(request.headers.get("Origin"), request.host):
        raise web.HTTPForbidden(text="requests from pages of other sites are not served here")


def is_token(token: str, candidates: Iterable[str]) -> bool:
    """Whether one of the candidates is the token; each is compared in constant time."""
    expected = token.encode(errors="surrogateescape")
    return any(
        hmac.compare_digest(given.encode(errors="surrogateescape"), expected)
        for given in candidates
    )


def _credentials(request: web.Request) -> list[str]:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return [value.strip()]
    if scheme.lower() == "basic":
        try:
            return [aiohttp.BasicAuth.decode(f"Basic {value}", "utf-8").password]
        except ValueError:
            return []
    return []
