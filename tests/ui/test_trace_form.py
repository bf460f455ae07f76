"""Forms as TraceQL; the browser's own form shares the cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from appliance.base.errors import BadInput
from appliance.traceql.parser import parse_query
from appliance.ui.trace_form import has_fields, traceql_of, window_of_jaeger

CASES = json.loads(Path("web/src/data/trace_form.cases.json").read_text())


@pytest.mark.parametrize(("form", "wanted"), CASES)
def test_forms_become_traceql_that_can_be_read(form: dict[str, str], wanted: str) -> None:
    assert traceql_of(form) == wanted
    parse_query(wanted)


def test_tags_of_jaegers_links_are_objects() -> None:
    found = traceql_of({"service": "s", "tags": '{"http.status_code":"500","a":"x y"}'})
    assert found == '{ resource.service.name = "s" && .http.status_code = 500 && .a = "x y" }'
    assert traceql_of({"tag": "a:b"}) == '{ .a = "b" }'


@pytest.mark.parametrize(
    "form", [{"minDuration": "soon"}, {"tags": "alone"}, {"tags": "{"}, {"status": "bad"}]
)
def test_what_makes_no_sense_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        traceql_of(form)


def test_times_of_jaegers_links_become_a_window() -> None:
    given = {"start": "1700000000000000", "end": "1700000060000000", "lookback": "custom"}
    assert window_of_jaeger(given) == {"from": "1700000000000", "to": "1700000060001"}
    assert window_of_jaeger({"lookback": "2d"}) == {"from": "now-2d", "to": "now"}
    assert window_of_jaeger({"lookback": "custom"}) == {}
    assert has_fields(given)
    assert not has_fields({"q": "{ }", "limit": "20"})
