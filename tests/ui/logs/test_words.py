from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from appliance.logql.parser import parse
from appliance.ui.logs.words import is_words, literal, shared_query, to_logql, usual_selector

CASES = json.loads(Path("web/src/data/log_words.cases.json").read_text())
ALL = '{service_name=~".+"}'


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_inputs_become_logql(case: dict[str, Any]) -> None:
    logql = to_logql(case["text"], '{a=~".+"}')
    assert logql == case["logql"]
    assert is_words(case["text"]) is case["words"]
    parse(logql)


@pytest.mark.parametrize("text", ["a", 'a"b', "a`b", "a\\b", 'a\nb`"', "ä\t", "", "`\\"])
def test_literals_are_read_back(text: str) -> None:
    query = parse(f"{ALL} |= {literal(text)}")
    assert query == parse(f"{ALL} |= {json.dumps(text)}")


def test_the_selector_names_the_most_common_label() -> None:
    assert usual_selector(["zone", "job", "service_name"]) == ALL
    assert usual_selector(["zone", "host"]) == '{host=~".+"}'
    assert usual_selector(["zone", "cell"]) == '{cell=~".+"}'
    assert usual_selector([]) == ALL


@pytest.mark.parametrize(
    ("given", "matchers", "query"),
    [
        ({}, [], ""),
        ({"q": "error"}, [], "error"),
        ({"expr": '{a="b"}'}, [], '{a="b"}'),
        ({"svc": "shop"}, [], '{service_name="shop"}'),
        (
            {"svc": "shop", "env": "prod"},
            [],
            '{service_name="shop", deployment_environment="prod"}',
        ),
        ({}, ['job="x"', '{a=~"b.*"}'], '{job="x", a=~"b.*"}'),
        (
            {"svc": "shop", "q": "card declined"},
            [],
            '{service_name="shop"} |= "card" |= "declined"',
        ),
        ({"level": "error"}, [], f'{ALL} | detected_level="error"'),
        ({"trace": "not hex"}, [], f'{ALL} |= "not hex"'),
    ],
)
def test_links_become_queries(given: dict[str, str], matchers: list[str], query: str) -> None:
    found = shared_query(given, matchers, ["service_name", "deployment_environment"])
    assert found == query
    if found:
        parse(to_logql(found, ALL))


def test_a_trace_is_looked_for_in_lines_and_metadata() -> None:
    query = shared_query({"trace": "0AF7651916CD43DD8448EB211C80319C"}, [], ["service_name"])
    parse(query)
    assert 'contains "0af7651916cd43dd8448eb211c80319c" __line__' in query
    assert "trace_id=`0af7651916cd43dd8448eb211c80319c`" in query
