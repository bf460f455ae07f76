"""Loki's HTTP API: tail over WebSocket (Loki 3, "Stream logs").

Entries stored before come first, then those being stored, as the store tells of them. Who reads too
slowly is told which entries were left out; the store never waits for a client.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from appliance.api.http import HTTP, leave_gate
from appliance.api.loki import params
from appliance.api.loki.answer import encoding_flags, is_legacy
from appliance.api.loki.deps import LOKI, source_of, tenant_of
from appliance.api.loki.feed import MOST_DROPPED, Feed, TailQuery, streams_of
from appliance.api.loki.query import with_regexp
from appliance.api.origin import is_own_origin
from appliance.api.request import parameters_of, run_query
from appliance.base.errors import ApplianceError, BadInput
from appliance.base.tasks import run, spawn
from appliance.logql.ast import Pipeline
from appliance.logql.parser import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.api.loki.feed import Row
    from appliance.model.labels import Labels

_MOST_DELAY_SECONDS = 5
#: How often a client is asked whether it is still there, and how long its good-bye may take.
_PING_SECONDS, _CLOSE_SECONDS = 10.0, 1.0
#: Messages that wait for a slow client, and entries in each; what comes then is dropped.
_MOST_WAITING, _MESSAGE_ENTRIES = 10, 500
#: Entries that are held back for a client that asked for a delay; what comes then is dropped.
_MOST_HELD = 100_000
#: Between two looks at what has come, so that many small pushes become few messages.
_PAUSE_SECONDS = 0.05
#: For so long the store may still tell of entries that were part of the history.
_OVERLAP_SECONDS = 5.0
#: More entries are filtered in a worker thread.
_INLINE_ENTRIES = 200
_MOST_REASON_BYTES = 123
_SECOND = 10**9
_NOT_ENTRIES = "only log selector is supported"


async def tail(request: web.Request) -> web.StreamResponse:
    """`/tail`."""
    given = await parameters_of(request)
    asked = _asked(given, request.app[HTTP].clock.now_ns())
    tenant_of(request)
    if not is_own_origin(request.headers.get("Origin"), request.host):
        raise web.HTTPForbidden(text="pages of other sites may not read here")
    socket = web.WebSocketResponse(heartbeat=_PING_SECONDS, timeout=_CLOSE_SECONDS)
    if not socket.can_prepare(request):
        headers = {"Sec-Websocket-Version": "13"}
        return web.Response(text="Bad Request\n", status=400, headers=headers)
    await socket.prepare(request)
    leave_gate(request)
    if asked is None:
        await _close(socket, _NOT_ENTRIES)
    else:
        await _Session(request, socket, asked).run()
    return socket


def _asked(given: Mapping[str, str], now_ns: int) -> TailQuery | None:
    """The parameters; None for a metric query, which is told so once the connection stands.

    Raises:
        BadInput: One of them cannot be read.
    """
    parse(given.get("query", ""))
    query = parse(with_regexp(given))
    limit = params.entry_limit(given)
    start, _ = params.bounds(given, now_ns)
    delay = params.whole_number(given.get("delay_for", ""), 0)
    if not 0 <= delay <= _MOST_DELAY_SECONDS:
        raise BadInput(f"delay_for can't be greater than {_MOST_DELAY_SECONDS}")
    if not isinstance(query, Pipeline):
        return None
    return TailQuery(query, start, limit, delay * _SECOND)


async def _close(socket: web.WebSocketResponse, reason: str) -> None:
    """End the connection; without a reason the client has gone, or the server is stopping."""
    code = WSCloseCode.INTERNAL_ERROR if reason else WSCloseCode.GOING_AWAY
    message = reason.encode()[:_MOST_REASON_BYTES]
    with contextlib.suppress(ConnectionError):
        await socket.close(code=code, message=message)


class _Session:
    """One client that is being sent entries.

    Three tasks: one reads what the client says, which is nothing but its end; one makes messages
    of what the store tells; one sends them. Between the last two is a bounded queue.
    """

    def __init__(
        self, request: web.Request, socket: web.WebSocketResponse, asked: TailQuery
    ) -> None:
        deps = request.app[HTTP]
        self._request = request
        self._socket = socket
        self._asked = asked
        self._clock = deps.clock
        self._flags = encoding_flags(request)
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._feed = Feed(asked, deps.query_limits, deps.clock, self._wake)
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(_MOST_WAITING)
        self._dropped: list[tuple[int, Labels]] = []

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._news.set)

    async def run(self) -> None:
        """Serve until the client leaves, or evaluation fails."""
        watch = self._request.app[LOKI].watch
        end_watch = None
        if watch is not None:
            selector = self._asked.query.matchers
            end_watch = watch.watch(tenant_of(self._request), selector, self._feed.notice)
        making = spawn(self._make(), name="tail: messages")
        tasks = {
            making,
            spawn(self._read(), name="tail: client"),
            spawn(self._send(), name="tail: sending"),
        }
        reason = ""
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if making in done:
                reason = "internal error" if making.exception() else making.result()
        finally:
            if end_watch is not None:
                end_watch()
            for task in tasks:
                task.cancel()
            await _close(self._socket, reason)

    async def _read(self) -> str:
        async for _ in self._socket:
            pass
        return ""

    async def _send(self) -> str:
        with contextlib.suppress(ConnectionError):
            while True:
                await self._socket.send_frame(await self._waiting.get(), WSMsgType.TEXT)
        return ""

    async def _make(self) -> str:
        """Make messages; ends only with the reason why there can be no more."""
        try:
            history = partial(self._feed.history, source_of(self._request))
            rows = await run_query(self._request, history, label="tail")
            for at in range(0, len(rows), _MESSAGE_ENTRIES):
                await self._waiting.put(self._encode(rows[at : at + _MESSAGE_ENTRIES]))
            await self._follow({row[:3] for row in rows})
        except ApplianceError as error:
            return error.message
        return ""

    async def _follow(self, shown: set[tuple[int, Labels, str]]) -> None:
        """Make messages of what is being stored.

        Args:
            shown: Entries of the history, of which the store may tell once more.
        """
        since = self._clock.monotonic()
        held: list[Row] = []
        while True:
            await self._due(held)
            self._news.clear()
            is_much = self._feed.waiting > _INLINE_ENTRIES
            rows, dropped = await run(self._feed.take, offloaded=is_much)
            self._drop(dropped)
            if shown:
                rows = [row for row in rows if row[:3] not in shown]
                if self._clock.monotonic() > since + _OVERLAP_SECONDS:
                    shown = set()
            held = sorted([*held, *rows], key=lambda row: row.time_ns) if held else rows
            count = len(held)
            if self._asked.delay_ns:
                edge = self._clock.now_ns() - self._asked.delay_ns
                count = sum(row.time_ns <= edge for row in held)
            self._offer(held[:count])
            self._drop([row[:2] for row in held[count + _MOST_HELD :]])
            held = held[count : count + _MOST_HELD]
            if _PAUSE_SECONDS:
                await self._clock.sleep(_PAUSE_SECONDS)

    async def _due(self, held: Sequence[Row]) -> None:
        """Wait for news, or until the first entry that is held back has waited long enough."""
        if not held:
            await self._news.wait()
            return
        due_ns = held[0].time_ns + self._asked.delay_ns
        waits: list[asyncio.Task[Any]] = [
            spawn(self._sleep_until(due_ns), name="tail: delay"),
            spawn(self._news.wait(), name="tail: news"),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()

    async def _sleep_until(self, time_ns: int) -> None:
        await self._clock.sleep((time_ns - self._clock.now_ns()) / _SECOND)

    def _offer(self, rows: Sequence[Row]) -> None:
        """Queue entries as far as there is room."""
        for at in range(0, len(rows), _MESSAGE_ENTRIES):
            part = rows[at : at + _MESSAGE_ENTRIES]
            if self._waiting.full():
                self._drop([(row.time_ns, row.labels) for row in part])
            else:
                self._waiting.put_nowait(self._encode(part))

    def _drop(self, entries: Sequence[tuple[int, Labels]]) -> None:
        self._dropped += entries[: MOST_DROPPED - len(self._dropped)]

    def _encode(self, rows: Sequence[Row]) -> bytes:
        """A message, with what was dropped before it."""
        from appliance.wire import loki_json  # noqa: PLC0415 - not before the first query

        dropped, self._dropped = self._dropped, []
        streams = streams_of(rows)
        if is_legacy(self._request):
            return loki_json.legacy_tail(streams, dropped)
        return loki_json.tail(streams, dropped, flags=self._flags)
