"""Entries of a query as a file: newline-delimited JSON, plain lines, or CSV; read page by page.

Invariant: no more than one page of entries is in memory.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from appliance.logql.engine import evaluate
from appliance.model.value import Streams
from appliance.ui.logs.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from appliance.logql.ast import Pipeline
    from appliance.logql.request import Request
    from appliance.model.sources import Guard, LogSource
    from appliance.ui.logs.rows import LogRow

#: Entries that are read at once.
_PAGE = 5000
#: What begins a formula where a file is opened as a table.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file.

    Attributes:
        end: Of its name.
        head: What it begins with.
        encode: Entries as bytes.
    """

    end: str
    content_type: str
    head: bytes
    encode: Callable[[Sequence[LogRow]], bytes]


def _ndjson(rows: Sequence[LogRow]) -> bytes:
    return b"".join(orjson.dumps(row.as_json()) + b"\n" for row in rows)


def _text(rows: Sequence[LogRow]) -> bytes:
    return b"".join(f"{row.line}\n".encode("utf-8", "replace") for row in rows)


def _csv(rows: Sequence[LogRow]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        pairs = {**row.labels, **row.metadata, **row.fields}
        labels = orjson.dumps(pairs).decode()
        texts = map(plain_cell, (row.level, row.service, row.line, labels))
        writer.writerow((iso_ns(row.timestamp_ns), *texts))
    return text.getvalue().encode("utf-8", "replace")


def plain_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: lines of logs are written by anybody."""
    return f"'{text}" if text.startswith(_FORMULA) else text


FORMS = {
    "ndjson": Form("ndjson", "application/x-ndjson", b"", _ndjson),
    "text": Form("log", "text/plain; charset=utf-8", b"", _text),
    "csv": Form("csv", "text/csv; charset=utf-8", b"time,level,service,line,labels\r\n", _csv),
}


def iso_ns(time_ns: int) -> str:
    """UTC with all nine digits."""
    seconds, rest = divmod(time_ns, 10**9)
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def pages(
    query: Pipeline, source: LogSource, request: Request, guard: Guard, *, form: Form
) -> Generator[bytes]:
    """A file's content in pieces.

    Args:
        request: `request.limit` entries at most, in the order that it says.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    yield form.head
    left = request.limit
    #: Entries of the last nanosecond that are in the file already.
    shown: set[tuple[int, str, str]] = set()
    last, size = -1, _PAGE
    while left > 0 and request.start_ns < request.end_ns:
        value = evaluate(query, source, replace(request, limit=size), guard).value
        rows = rows_of(value, newest_first=request.backward) if isinstance(value, Streams) else []
        fresh = [row for row in rows if _key(row) not in shown][:left]
        yield form.encode(fresh)
        left -= len(fresh)
        if len(rows) < size:
            return
        if rows[-1].timestamp_ns != last:
            last, shown = rows[-1].timestamp_ns, set()
        # More entries of one nanosecond than a page holds: the next one must reach beyond them.
        size = _PAGE if fresh else 2 * size
        shown |= {_key(row) for row in rows if row.timestamp_ns == last}
        if request.backward:
            request = replace(request, end_ns=last + 1)
        else:
            request = replace(request, start_ns=last)


def _key(row: LogRow) -> tuple[int, str, str]:
    return row.timestamp_ns, repr(sorted(row.labels.items())), row.line
