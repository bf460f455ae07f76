"""Log entries as they come: Loki's tail over WebSocket, connected again when it breaks.

Invariant: after a break the tail goes on with the nanosecond of the last entry; entries of that
nanosecond that were given before are not given again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, WSMsgType, WSServerHandshakeError

from appliance.base.errors import BadInput
from appliance.transfer.logs.rows import CATEGORIZE, rows_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from aiohttp import ClientWebSocketResponse

    from appliance.base.clock import Clock
    from appliance.transfer.logs.rows import Row

TAIL = "/loki/api/v1/tail"
#: How long to wait before the next attempt, the first and the longest time.
_FIRST_SECONDS, _MOST_SECONDS = 1.0, 30.0
#: Entries of the past that one connection may bring after a break.
_MISSED = 5000
_HEARTBEAT_SECONDS = 20.0
_MOST_MESSAGE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Followed:
    """What is followed.

    Attributes:
        address: Of the server, such as `http://127.0.0.1:3100`.
        limit: Entries of the past, at most.
        delay_seconds: How long the server waits for late entries.
    """

    address: str
    query: str
    headers: Mapping[str, str]
    start_ns: int
    limit: int = 100
    delay_seconds: int = 0


async def follow(
    what: Followed, clock: Clock, tell: Callable[[str], None]
) -> AsyncIterator[list[Row]]:
    """Entries as they come, without end.

    Args:
        tell: Told of breaks and of entries that the server had to leave out.

    Raises:
        BadInput: The server refuses the query.
    """
    memory = _Memory(what.start_ns)
    wait, limit = _FIRST_SECONDS, what.limit
    async with ClientSession(headers={**CATEGORIZE, **what.headers}) as session:
        while True:
            try:
                async with await _connect(session, what, memory.last_ns, limit) as socket:
                    wait = _FIRST_SECONDS
                    async for rows in _messages(socket, tell):
                        if fresh := memory.fresh(rows):
                            limit = _MISSED
                            yield fresh
                    reason = "the server ended the connection"
            except (ClientError, OSError) as error:
                reason = str(error) or type(error).__name__
            tell(f"{reason}; connecting again in {wait:.0f} s")
            await clock.sleep(wait)
            wait = min(2 * wait, _MOST_SECONDS)


async def _connect(
    session: ClientSession, what: Followed, start_ns: int, limit: int
) -> ClientWebSocketResponse:
    given = {
        "query": what.query,
        "start": str(start_ns),
        "limit": str(limit),
        "delay_for": str(what.delay_seconds),
    }
    url = what.address.rstrip("/") + TAIL
    try:
        return await session.ws_connect(
            url, params=given, heartbeat=_HEARTBEAT_SECONDS, max_msg_size=_MOST_MESSAGE_BYTES
        )
    except WSServerHandshakeError as error:
        if not 400 <= error.status < 500:
            raise
        # Asked without an upgrade, it tells what is wrong.
        timeout = ClientTimeout(30.0)
        async with session.get(url, params=given, timeout=timeout) as answer:
            text = (await answer.text()).strip()
        raise BadInput(f"HTTP {error.status}: {text}") from error


async def _messages(
    socket: ClientWebSocketResponse, tell: Callable[[str], None]
) -> AsyncIterator[list[Row]]:
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        document = orjson.loads(message.data)
        dropped = document.get("dropped_entries") or []
        if dropped:
            tell(f"{len(dropped)} entries were left out: they came faster than they were read")
        found = list(rows_of(document.get("streams") or []))
        found.sort(key=lambda row: row.time_ns)
        yield found


class _Memory:
    """Which entries were given last."""

    def __init__(self, start_ns: int) -> None:
        self.last_ns = start_ns
        self._given: set[tuple[str, ...]] = set()

    def fresh(self, rows: list[Row]) -> list[Row]:
        """The rows that were not given before."""
        found = []
        for row in rows:
            key = (row.line, *(part for pair in sorted(row.labels.items()) for part in pair))
            if row.time_ns > self.last_ns:
                self.last_ns, self._given = row.time_ns, set()
            if row.time_ns == self.last_ns:
                if key in self._given:
                    continue
                self._given.add(key)
            found.append(row)
        return found
