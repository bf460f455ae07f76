"""Loki's HTTP API: deletion of entries (Loki 3, "Compactor", Request log deletion).

Beside what Loki answers, a request says what has been removed on its behalf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import orjson
from aiohttp import web

from appliance.api.errors import loki_push
from appliance.api.http import HTTP, require_control, with_contract
from appliance.api.loki import params
from appliance.api.loki.deps import PREFIX, tenant_of
from appliance.api.params import parse_rfc3339_ns
from appliance.api.request import parameters_of
from appliance.base.errors import BadInput, Conflict, NotFound
from appliance.base.go_quantity import parse_go_duration
from appliance.model.deletion import DeleteState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.logql.ast import Pipeline
    from appliance.model.deletion import Deleted, DeleteRequest

_MS, _SECOND = 10**6, 10**9
#: Unix seconds have so many digits, in Loki's eyes.
_DIGITS = 10
_STATES = {
    DeleteState.RECEIVED: "received",
    DeleteState.STARTED: "0% Complete",
    DeleteState.PROCESSED: "processed",
}


class Deletions(Protocol):
    """Who deletes (`ingest/log_deletion.py`)."""

    async def create(self, tenant: str, query: str, start_ns: int, end_ns: int) -> DeleteRequest:
        """Note a request and begin with it soon; the range is [start_ns, end_ns)."""
        ...

    async def requests(self, tenant: str) -> list[DeleteRequest]:
        """A tenant's requests, oldest first."""
        ...

    async def cancel(self, tenant: str, number: int, *, force: bool) -> None:
        """Forget a request.

        Raises:
            NotFound: There is none of this number.
            Conflict: It is under way or done.
        """
        ...


DELETIONS: web.AppKey[Deletions] = web.AppKey("log_deletions")


def routes() -> list[web.RouteDef]:
    """The path, with all that can be done there."""
    path = PREFIX + "/delete"
    found = [
        web.post(path, _create),
        web.put(path, _create),
        web.get(path, _list),
        web.delete(path, _cancel),
    ]
    return with_contract(loki_push, found)


async def _create(request: web.Request) -> web.Response:
    require_control(request)
    given = await parameters_of(request)
    tenant, query = tenant_of(request), given.get("query", "")
    parsed = _parse(query)
    now_ns = request.app[HTTP].clock.now_ns()
    start, end = _bounds(given, now_ns)
    if parsed.stages:
        _check_interval(given, end - start)
    # The end is included, to the millisecond.
    await request.app[DELETIONS].create(tenant, query, start, end + _MS)
    return web.Response(status=204)


def _parse(query: str) -> Pipeline:
    if not query:
        raise BadInput("query not set")
    from appliance.logql.parser import parse_log  # noqa: PLC0415 - not at the start

    try:
        parsed = parse_log(query)
        from appliance.ingest.log_deletion import chooser  # noqa: PLC0415 - the stages

        chooser(parsed)
    except BadInput as error:
        raise BadInput(f"invalid query expression: {error}") from error
    return parsed


def _bounds(given: Mapping[str, str], now_ns: int) -> tuple[int, int]:
    """Start and end in nanoseconds, whole milliseconds."""
    if not given.get("start", ""):
        raise BadInput("start time not set")
    start = _time(given, "start", now_ns)
    end = _time(given, "end", now_ns)
    if end > now_ns:
        raise BadInput("deletes in the future are not allowed")
    if start >= end:
        raise BadInput("start time can't be greater than or equal to end time")
    return start, end


def _time(given: Mapping[str, str], name: str, now_ns: int) -> int:
    text = given.get(name, "")
    if not text:
        return now_ns // _MS * _MS
    stamp = parse_rfc3339_ns(text)
    if stamp is None and len(text) == _DIGITS:
        try:
            stamp = params.parse_time_ns(text)
        except BadInput:
            stamp = None
    if stamp is None:
        raise BadInput(f"invalid {name} time: require unix seconds or RFC3339 format")
    return stamp // _MS * _MS


def _check_interval(given: Mapping[str, str], length_ns: int) -> None:
    """`max_interval` is how much Loki does at a time; here it changes nothing."""
    text = given.get("max_interval", "")
    if not text:
        return
    try:
        interval = parse_go_duration(text)
    except BadInput:
        interval = 0
    if interval < _SECOND:
        raise BadInput("invalid max_interval: valid time units are 's', 'm', 'h'")
    if interval > length_ns:
        raise BadInput(
            "max_interval can't be greater than the interval to be deleted"
            f" ({length_ns // _SECOND}s)"
        )


async def _list(request: web.Request) -> web.Response:
    found = await request.app[DELETIONS].requests(tenant_of(request))
    body = orjson.dumps([_row(one) for one in found]) + b"\n"
    return web.Response(body=body, content_type="application/json")


def _row(request: DeleteRequest) -> dict[str, object]:
    row: dict[str, object] = {
        "request_id": f"{request.number:08x}",
        "start_time": _seconds(request.start_ns // _MS),
        "end_time": _seconds(request.end_ns // _MS - 1),
        "query": request.query,
        "status": _STATES[request.state],
        "created_at": _seconds(request.created_ms),
        "deleted": _proof(request.deleted, is_erased=request.is_erased),
    }
    if request.processed_ms is not None:
        row["processed_at"] = _seconds(request.processed_ms)
    return row


def _proof(deleted: Deleted, *, is_erased: bool) -> dict[str, object]:
    return {
        "entries": deleted.entries,
        "bytes": deleted.text_bytes,
        "streams": deleted.streams,
        "oldest": None if deleted.oldest_ns is None else str(deleted.oldest_ns),
        "newest": None if deleted.newest_ns is None else str(deleted.newest_ns),
        "erased": is_erased,
    }


def _seconds(time_ms: int) -> float:
    return time_ms / 1000 if time_ms % 1000 else time_ms // 1000


async def _cancel(request: web.Request) -> web.Response:
    require_control(request)
    given = await parameters_of(request)
    missing = "could not find delete request with given id"
    try:
        number = int(given.get("request_id", ""), 16)
    except ValueError:
        raise NotFound(missing) from None
    force = given.get("force", "") == "true"
    try:
        await request.app[DELETIONS].cancel(tenant_of(request), number, force=force)
    except NotFound as error:
        raise NotFound(missing) from error
    except Conflict as error:
        raise BadInput(
            "deletion of request which is in process or already processed is not allowed"
        ) from error
    return web.Response(status=204)
