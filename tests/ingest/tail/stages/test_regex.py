"""Stages that go by expressions."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from tests.ingest.tail.stages.piping import one, pipeline


def test_named_groups_are_extracted() -> None:
    config = r"- regex: {expression: '^(?P<a>\S+) (\d+)(?P<c>x)?'}"
    assert one(config, "ä 12").extracted == {"a": "ä", "c": ""}
    assert one(config, "none").extracted == {}


def test_groups_may_become_labels() -> None:
    config = r"- regex: {expression: '(?P<a>\d+)', source: job, labels_from_groups: true}"
    assert one(config, "7", job="j8").labels == {"job": "j8", "a": "8"}


@pytest.mark.parametrize(
    ("expression", "replace", "line", "expected"),
    [
        ("(a|b|c)", "", "abcd", "d"),
        ("(x)(y)", "<{{ .Value }}>", "-xy-", "-<x><y>-"),
        (r"password=(\S+)", "***", "a password=x b password=yy", "a password=*** b password=***"),
        (r"(\d+)-(\d+)", "<{{ .Value }}>", "1-2 33-4", "<1>-<2> <33>-<4>"),
        (r"(a(b))c", "{{ .Value | ToUpper }}", "abc abc", "ABc ABc"),
        (r"\d+", "X", "no group 12", "no group 12"),
        (r"(x)", "{{ .job }}{{ .none }}", "x", "j<no value>"),
        (r"(x)", "{{ fail `no` }}", "x", "x"),
        (r"(ü)", "", "aüb", "ab"),
        (r"(x)", "y", "nothing", "nothing"),
    ],
)
def test_groups_are_replaced(expression: str, replace: str, line: str, expected: str) -> None:
    config = f"- replace: {{expression: '{expression}', replace: '{replace}'}}"
    assert one(config, line, job="j").line == expected


def test_an_extracted_value_may_be_rewritten() -> None:
    config = (
        "- replace: {expression: '(?P<first>j)(?P<rest>.*)', replace: '{{ .Value }}!', source: job}"
    )
    entry = one(config, "line", job="jab")
    assert (entry.line, entry.labels) == ("line", {"job": "jab"})
    assert entry.extracted == {"job": "j!ab!", "first": "j!", "rest": "ab!"}


def test_patterns() -> None:
    config = "- pattern: {pattern: '<ip> - <_> [<ts>] \"<method> <path>'}"
    found = one(config, '1.2.3.4 - bob [now] "GET /x y').extracted
    assert found == {"ip": "1.2.3.4", "ts": "now", "method": "GET", "path": "/x y"}
    assert one(config, "1.2.3.4 - bob").extracted == {"ip": "1.2.3.4"}
    assert one("- pattern: {pattern: 'a <b>'}", "x").extracted == {}
    labelled = one("- pattern: {pattern: 'a <b>', labels_from_groups: true}", "a x")
    assert labelled.labels == {"b": "x"}


def test_captures_need_something_between_them() -> None:
    with pytest.raises(BadInput, match="invalid pattern stage: consecutive captures"):
        pipeline("- pattern: {pattern: '<a><b>'}")
