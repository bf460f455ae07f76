from __future__ import annotations

import csv
import io
import json

import pytest

from appliance.base.clock import ManualClock
from appliance.logql.ast import Pipeline
from appliance.logql.engine import Request
from appliance.logql.parser import parse
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.ui.logs import download
from tests.sources import Entry, PlainLogs, labels

#: Several entries of one nanosecond lie at the edge of each page.
TIMES = [1, 2, 3, 3, 3, 3, 4, 5, 5, 6, 7]
LOGS = PlainLogs(
    {
        labels(app="shop"): [
            Entry(time_ns, f'line {n} "x",', (("detected_level", "info"),))
            for n, time_ns in enumerate(TIMES)
        ]
    }
)


def text(form: str, *, limit: int = 1000, backward: bool = True) -> str:
    query = parse('{app="shop"}')
    assert isinstance(query, Pipeline)
    request = Request(start_ns=0, end_ns=100, limit=limit, backward=backward)
    guard = QueryGuard(QueryLimits(), ManualClock())
    pieces = download.pages(query, LOGS, request, guard, form=download.FORMS[form])
    return b"".join(pieces).decode()


@pytest.mark.parametrize("page", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("backward", [True, False])
def test_every_entry_comes_once_whatever_the_page(
    monkeypatch: pytest.MonkeyPatch, page: int, *, backward: bool
) -> None:
    monkeypatch.setattr(download, "_PAGE", page)

    rows = [json.loads(line) for line in text("ndjson", backward=backward).splitlines()]

    assert sorted(row["line"] for row in rows) == sorted(f'line {n} "x",' for n in range(11))
    times = [int(row["timestamp_ns"]) for row in rows]
    assert times == sorted(TIMES, reverse=backward)


def test_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_PAGE", 3)
    assert len(text("text", limit=5).splitlines()) == 5
    assert text("text", limit=1) == 'line 10 "x",\n'


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(1)", "\tx"])
def test_no_spreadsheet_runs_a_line(text: str) -> None:
    assert download.plain_cell(text) == f"'{text}"
    assert download.plain_cell(f"a{text}") == f"a{text}"


def test_csv_is_quoted() -> None:
    rows = list(csv.reader(io.StringIO(text("csv", backward=False))))
    assert rows[0] == ["time", "level", "service", "line", "labels"]
    assert rows[1][:4] == ["1970-01-01T00:00:00.000000001Z", "info", "shop", 'line 0 "x",']
    assert json.loads(rows[1][4]) == {"app": "shop", "detected_level": "info"}
