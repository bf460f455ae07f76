"""Findings about files, with line and column."""

from __future__ import annotations

import orjson
import pytest

from appliance.config.problem import Severity
from appliance.dashboards.report import check_dashboard, duplicate
from tests.dashboards.building import of_query

DATA = orjson.dumps(of_query("sum(", title="CPU"), option=orjson.OPT_INDENT_2)


def test_broken_queries_are_found_in_the_file() -> None:
    dashboard, (problem,) = check_dashboard(DATA, "a.json")
    assert dashboard is not None
    line = DATA.decode().splitlines()[problem.line - 1]
    assert line[problem.column - 1 :] == '"sum("'
    assert (
        problem.render()
        .splitlines()[0]
        .startswith(f"a.json:{problem.line}:{problem.column}: error[promql]")
    )
    assert problem.path == "panel 1 'CPU' query A"
    assert problem.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [(b'{\n "a": ,\n}', 2, 7), (b'\xef\xbb\xbf{\n "a": ,\n}', 2, 7), (b"[1]", 1, 1)],
)
def test_files_that_are_none(data: bytes, line: int, column: int) -> None:
    dashboard, (problem,) = check_dashboard(data, "a.json")
    assert dashboard is None
    assert (problem.line, problem.column, problem.code) == (line, column, "dashboard")


def test_two_of_one_uid() -> None:
    problem = duplicate(DATA, "a.json", "t", "b.json")
    assert "b.json" in problem.message
    assert DATA.decode().splitlines()[problem.line - 1].strip().startswith('"uid"')
