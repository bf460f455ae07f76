"""Entries chosen by selectors."""

from __future__ import annotations

import math

import pytest

from appliance.base.errors import BadInput
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.stages.match import Choice
from tests.ingest.tail.stages.piping import piped, pipeline


def chosen(selector: str, *lines: str, **labels: str) -> list[bool]:
    return Choice(selector).chosen([Entry(dict(labels), 0, line) for line in lines])


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ('{job="j"}', [True, True]),
        ('{job="other"}', [False, False]),
        ('{job=~"j.*", none=""}', [True, True]),
        ("{}", [True, True]),
        ('{job=~".*"} |= "b"', [False, True]),
        ('{job="j"} |= "a" or "b"', [True, True]),
        ('{job="j"} != "b"', [True, False]),
        ('{job="j"} |~ "^[a]"', [True, False]),
        ('{job="j"} !~ "^[a]" |= "b"', [False, True]),
    ],
)
def test_selectors(selector: str, expected: list[bool]) -> None:
    assert chosen(selector, "a x", "b x", job="j") == expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ('{job="j"} | logfmt | level="x"', [True, False]),
        ('{job="j"} |> "level=<_>"', [True, True]),
        ('{job="j"} |= ip("10.0.0.0/8")', [False, True]),
        ('{job="other"} | logfmt', [False, False]),
    ],
)
def test_any_stage_of_logql_may_follow(selector: str, expected: list[bool]) -> None:
    assert chosen(selector, "level=x a", "level=y 10.1.2.3", job="j") == expected


def test_entries_may_be_dropped() -> None:
    config = """- match: {selector: '{job="j"} |= "debug"', action: drop}"""
    assert [e.line for e in piped(config, "debug 1", "info 2", job="j")] == ["info 2"]


def test_entries_may_have_stages_of_their_own() -> None:
    config = """
        - match:
            selector: '{job="j"} |= "x"'
            stages:
              - static_labels: {seen: yes}
              - multiline: {firstline: '^1'}
        - static_labels: {after: yes}
    """
    stages = pipeline(config)
    out = stages.process(
        [Entry({"job": "j"}, n, line) for n, line in enumerate(["a", "1x", "b", "2x"])]
    )
    assert [(e.line, sorted(e.labels)) for e in out] == [
        ("a", ["after", "job"]),
        ("b", ["after", "job"]),
    ]
    assert [e.line for e in stages.held()] == ["1x\n2x"]
    (held,) = stages.flush(math.inf)
    assert (held.line, sorted(held.labels)) == ("1x\n2x", ["after", "job", "seen"])


def test_what_is_no_selector() -> None:
    with pytest.raises(BadInput, match="invalid match stage: parse error"):
        pipeline("""- match: {selector: '{job=', action: drop}""")
