"""`appliance query logql`: the way of a query to a server and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.commands.times import parse_when_ns
from appliance.logql.ast import Pipeline
from appliance.logql.parser import parse
from appliance.transfer.logs.pages import PAGE, Selection, fetch, pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.transfer.logs.rows import Row
    from appliance.transfer.session import Session

_STEPS = 250


def is_log_query(text: str) -> bool:
    """Whether a query gives entries; what we cannot read is for the server to judge."""
    try:
        return isinstance(parse(text), Pipeline)
    except BadInput:
        return text.lstrip().startswith("{")


def is_metric_query(text: str) -> bool:
    """Whether a query surely gives numbers."""
    try:
        return not isinstance(parse(text), Pipeline)
    except BadInput:
        return False


def entries(session: Session, text: str, options: Mapping[str, Any], now_ns: int) -> list[Row]:
    """The entries that a log query gives, as many as `limit` says.

    Raises:
        BadInput, LimitExceeded, Unavailable: As `pages` and `fetch` raise them.
    """
    limit = options["limit"]
    wanted = Selection(
        text,
        parse_when_ns(options["start"] or "now-1h", now_ns),
        # What has come up to now is wanted too.
        parse_when_ns(options["end"], now_ns) + 1,
        is_backward=options["direction"] == "backward",
        page=min(limit, PAGE),
    )
    if limit <= PAGE:
        return fetch(session, wanted)
    found: list[Row] = []
    for rows in pages(session, wanted):
        found += rows
        if len(found) >= limit:
            break
    return found[:limit]


def numbers(session: Session, text: str, options: Mapping[str, Any], now_ns: int) -> dict[str, Any]:
    """What a metric query gives: at one time, or over a range when there is a start.

    Raises:
        BadInput, Unavailable: The server refuses it, or there is none.
    """
    end = parse_when_ns(options["end"], now_ns)
    given = {"query": text}
    if options["start"]:
        start = parse_when_ns(options["start"], now_ns)
        step = options["step"] or f"{max(1, round((end - start) / 1e9 / _STEPS))}s"
        given |= {"start": str(start), "end": str(end), "step": step}
        path = "/loki/api/v1/query_range"
    else:
        given |= {"time": str(end)}
        path = "/loki/api/v1/query"
    data: dict[str, Any] = json.loads(session.form(path, given))["data"]
    return data
