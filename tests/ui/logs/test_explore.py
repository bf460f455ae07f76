from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from appliance.ui.logs.explore import explored

RANGE = {"from": "now-3h", "to": "now"}
LOKI = {"refId": "A", "expr": '{app="x"} |= "y"', "datasource": {"type": "loki", "uid": "p1"}}


def told(**given: object) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(explored({name: json.dumps(value) for name, value in given.items()}))
    return parts.path, parse_qs(parts.query)


def test_panes_and_their_window() -> None:
    found = told(panes={"abc": {"datasource": "p1", "queries": [LOKI], "range": RANGE}})
    assert found == ("/logs", {"q": ['{app="x"} |= "y"'], "from": ["now-3h"], "to": ["now"]})


def test_older_forms() -> None:
    query = {"expr": "up", "refId": "A"}
    expected = ("/metrics", {"g0.expr": ["up"], "from": ["now-1h"], "to": ["now"]})
    assert told(left=["now-1h", "now", "Prometheus", query]) == expected
    window = {"from": "now-1h", "to": "now"}
    pane = {"datasource": "Prometheus", "queries": [query], "range": window}
    assert told(left=pane) == expected


def test_other_languages() -> None:
    query = {"query": "{ duration > 1s }", "datasource": {"type": "tempo"}}
    assert told(left={"queries": [query]}) == ("/traces", {"q": ["{ duration > 1s }"]})
    assert told(left={"queries": [{"expr": "rate(x[1m])"}]})[0] == "/metrics"
    assert told(left={"queries": [{"expr": '{a="b"}'}]})[0] == "/logs"


@pytest.mark.parametrize("left", ["", "{", "[]", "3", '{"queries":[1]}', '{"queries":"x"}'])
def test_what_cannot_be_read_leads_to_the_page(left: str) -> None:
    assert explored({"left": left}) == "/logs"
