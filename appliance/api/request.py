"""What handlers take from a request: its body, its parameters; and how they run a query for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from aiohttp.web import RequestKey
from multidict import MultiDict

from appliance.api.body import form_parameters, is_form, read_body
from appliance.api.http import HELD, HTTP
from appliance.base.tasks import offload_query, run
from appliance.query.limits import QueryGuard, QueryLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Sequence

    from aiohttp import web

    from appliance.api.http import HttpDeps

T = TypeVar("T")
#: Of a body that has been read, after decompression.
BODY_BYTES: RequestKey[int] = RequestKey("body_bytes", int)
#: Larger forms are read in a worker thread.
_OFFLOAD_FROM_BYTES = 16 << 10


async def body_of(request: web.Request, *, raw: Sequence[str] = ()) -> bytes:
    """The body, decompressed and within the limits.

    Args:
        raw: Encodings that the caller decodes itself (`snappy`).

    Raises:
        TooLarge, BadInput, Unavailable, web.HTTPException: See `body.read_body`.
    """
    limits, gate = request.app[HTTP].limits, request.app[HTTP].gate

    def hold(size_bytes: int) -> None:
        gate.hold(size_bytes)
        request[HELD] = request.get(HELD, 0) + size_bytes

    body = await read_body(
        request,
        hold=hold,
        body_bytes=limits.body_bytes,
        decompressed_bytes=limits.decompressed_bytes,
        raw=frozenset(raw),
    )
    request[BODY_BYTES] = len(body)
    return body


async def parameters_of(request: web.Request) -> MultiDict[str]:
    """Parameters of the URL and, for a form, of the body, which come first.

    Raises:
        BadInput: The form cannot be read.
    """
    query = MultiDict(request.query)
    if not is_form(request):
        return query
    body = await body_of(request)
    is_large = len(body) >= _OFFLOAD_FROM_BYTES
    return await run(form_parameters, body, query, offloaded=is_large)


async def run_query(
    request: web.Request,
    function: Callable[[QueryGuard], T],
    *,
    timeout_seconds: float | None = None,
    label: str = "",
) -> T:
    """Call an engine in a worker thread under the limits; stop it when the client goes away.

    Args:
        function: Does the whole work, encoding included; gets the guard.
        timeout_seconds: What the client asks for; never longer than the configured limit.
        label: The query's text, for the list of running queries.

    Raises:
        TimedOut, LimitExceeded: As the guard says, and whatever `function` raises.
    """
    deps = request.app[HTTP]
    return await run_guarded(deps, function, timeout_seconds=timeout_seconds, label=label)


async def run_guarded(
    deps: HttpDeps,
    function: Callable[[QueryGuard], T],
    *,
    timeout_seconds: float | None = None,
    label: str = "",
) -> T:
    """The same for a call that did not come over HTTP."""
    limits = _bounded(deps.query_limits, timeout_seconds)
    guard = QueryGuard(limits, deps.clock)
    async with deps.queries.slot(label, limits.timeout_seconds):
        try:
            return await offload_query(partial(function, guard))
        except asyncio.CancelledError:
            guard.cancel()
            raise


async def stream_guarded(
    deps: HttpDeps, make: Callable[[QueryGuard], Generator[T]], *, label: str = ""
) -> AsyncIterator[T]:
    """Results of an engine as they come: each is made in a worker thread when it is asked for.

    Args:
        make: Gives the generator, which does the work; it is closed at the end.
    """
    guard = QueryGuard(deps.query_limits, deps.clock)
    async with deps.queries.slot(label, deps.query_limits.timeout_seconds):
        found = make(guard)
        try:
            while (item := await offload_query(next, found, None)) is not None:
                yield item
        except asyncio.CancelledError:
            guard.cancel()  # it may be running: it ends at its next check
            raise
        except GeneratorExit:
            await offload_query(found.close)
            raise


def _bounded(limits: QueryLimits, timeout_seconds: float | None) -> QueryLimits:
    if timeout_seconds is None or timeout_seconds >= limits.timeout_seconds:
        return limits
    return replace(limits, timeout_seconds=timeout_seconds)
