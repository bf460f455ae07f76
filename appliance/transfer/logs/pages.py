"""Log entries of a server, page by page: none is lost, and none comes twice.

Invariant: a page that is full may lack entries of its last nanosecond. They are left for the next
page, which starts with that nanosecond. When one nanosecond alone fills a page, its streams are
asked for one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from appliance.base.errors import BadInput, LimitExceeded
from appliance.logql.parser import parse_log
from appliance.logql.printer import print_matchers, print_query
from appliance.model.matcher import Matcher, MatchOp
from appliance.transfer.logs.rows import CATEGORIZE, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.transfer.logs.rows import Row
    from appliance.transfer.session import Session

QUERY_RANGE, SERIES = "/loki/api/v1/query_range", "/loki/api/v1/series"
#: The most that Loki gives at once, unless it is told otherwise.
PAGE = 5000


@dataclass(frozen=True, slots=True)
class Selection:
    """What is wanted.

    Attributes:
        start_ns, end_ns: The end is not included.
        is_backward: The newest first.
        page: Entries asked for at once.
    """

    query: str
    start_ns: int
    end_ns: int
    is_backward: bool = False
    page: int = PAGE


def pages(session: Session, wanted: Selection) -> Iterator[Sequence[Row]]:
    """The entries, ordered by time.

    Raises:
        BadInput: The server refuses the query.
        LimitExceeded: A stream has more entries in one nanosecond than the server gives at once.
        Unavailable: There is no server.
    """
    start, end = wanted.start_ns, wanted.end_ns
    while start < end:
        found = fetch(session, replace(wanted, start_ns=start, end_ns=end))
        if len(found) < wanted.page:
            yield found
            return
        last = found[-1].time_ns
        kept = [row for row in found if row.time_ns != last]
        if not kept:
            kept = _instant(session, wanted, last)
            last += -1 if wanted.is_backward else 1
        yield kept
        if wanted.is_backward:
            end = last + 1
        else:
            start = last


def fetch(session: Session, wanted: Selection) -> list[Row]:
    """One page, ordered by time."""
    given = {
        "query": wanted.query,
        "start": str(wanted.start_ns),
        "end": str(wanted.end_ns),
        "limit": str(wanted.page),
        "direction": "backward" if wanted.is_backward else "forward",
    }
    data = orjson.loads(session.form(QUERY_RANGE, given, CATEGORIZE))["data"]
    if data["resultType"] != "streams":
        raise BadInput("this query gives numbers, not entries; `appliance query logql` shows them")
    found = list(rows_of(data["result"]))
    found.sort(key=lambda row: row.time_ns, reverse=wanted.is_backward)
    return found


def _instant(session: Session, wanted: Selection, time_ns: int) -> list[Row]:
    """All entries of one nanosecond, stream by stream."""
    query = parse_log(wanted.query)
    bounds = {"start": str(time_ns), "end": str(time_ns + 1)}
    given = {"match[]": print_matchers(query.matchers), **bounds}
    streams = orjson.loads(session.form(SERIES, given))["data"]
    names = {name for labels in streams for name in labels}
    found: list[Row] = []
    for labels in streams:
        # The empty value of a label that this stream has not rules out those that have it.
        exact = tuple(Matcher(name, MatchOp.EQUAL, labels.get(name, "")) for name in sorted(names))
        text = print_query(replace(query, matchers=exact))
        rows = fetch(session, replace(wanted, query=text, start_ns=time_ns, end_ns=time_ns + 1))
        if len(rows) >= wanted.page:
            raise LimitExceeded(
                f"{print_matchers(exact)} has more than {wanted.page} entries in the nanosecond"
                f" {time_ns}; raise the server's limit and --batch",
                limit="max_entries_limit_per_query",
            )
        found += rows
    return found
