"""Which fields matter to a parser that has `keep` behind it."""

from __future__ import annotations

import pytest

from appliance.logql.ast import Pipeline
from appliance.logql.parser import parse
from appliance.logql.rows import ERROR, ERROR_DETAILS
from appliance.logql.stages.kept_names import kept_names
from tests.logql.stages.running import run


@pytest.mark.parametrize(
    ("stages", "names"),
    [
        ("| json", None),
        ('| json | a="1"', None),
        ("| json | drop a", None),
        ("| json | keep a", {"a"}),
        ('| json | keep a, b="x"', {"a", "b"}),
        ('| json | c > 5 | drop d, e="f" | keep a', {"a", "c", "d", "e"}),
        ("| json | keep a_extracted", {"a", "a_extracted"}),
        ('| json | label_format n=m, o="{{.p}}" | keep n', {"n", "m", "o", "p"}),
        ('| json | line_format "{{.x}}" | keep a', {"a", "x"}),
        ('| json | line_format "{{.}}" | keep a', None),
        ('| json | line_format `{{template "t" .}}` | keep a', None),
        ("| json | logfmt | keep a", {"a"}),
        ("| json | keep a | logfmt", None),
        ('| json | keep a | z="1"', {"a", "z"}),
    ],
)
def test_names_that_a_stage_mentions_matter(stages: str, names: set[str] | None) -> None:
    query = parse(f'{{app="x"}} {stages}')
    assert isinstance(query, Pipeline)
    found = kept_names(query.stages, 0)
    assert found == (None if names is None else names | {ERROR, ERROR_DETAILS})


def test_lines_are_read_to_their_end() -> None:
    (one,) = run("| json | keep a", '{"a":1,"b":')
    assert one.parsed["__error__"] == "JSONParserErr"


def test_what_a_line_calls_an_error_is_not_dropped() -> None:
    (one,) = run("| json | keep a", '{"a":1,"b":2,"__error__":"mine"}')
    assert one.parsed == {"a": "1", "__error__": "mine"}
