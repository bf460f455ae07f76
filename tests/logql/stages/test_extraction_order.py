"""What parsers with expressions make of labels that are there already, or were."""

from __future__ import annotations

import pytest

from appliance.logql.grouping import group_codes
from appliance.logql.parser import parse_log
from appliance.logql.rows import Rows, rows_of
from appliance.logql.stages import compile_pipeline
from tests.sources import Entry, labels, make_chunk


def run(query: str, *lines: str) -> Rows:
    chunk = make_chunk(labels(app="api"), [Entry(at, line) for at, line in enumerate(lines)])
    stages = parse_log('{app="api"} ' + query).stages
    return compile_pipeline(stages).run(rows_of(chunk))


def parsed(query: str, line: str) -> dict[str, str]:
    """Labels of a line, less those of the stream; the same line alone and among others."""
    rows = run(query, line, "other=1", line)
    first, _, last = rows.label_sets(range(3))
    assert first == last == run(query, line).label_sets([0])[0]
    found = dict(first.merged())
    return {name: text for name, text in found.items() if (name, text) != ("app", "api")}


@pytest.mark.parametrize(
    ("query", "line", "expected"),
    [
        # Of keys with a free label the last one holds.
        ('| logfmt a="a"', "a=1 a=2", {"a": "2"}),
        # Of keys whose label the stream has, the first; the second ends the line.
        ('| logfmt app="app"', "app=1 app=2", {"app_extracted": "1"}),
        ('| logfmt app="app", z="z"', "app=1 app=2 z=3", {"app_extracted": "1", "z": ""}),
        ('| logfmt app="app", z="z"', "z=3 app=1", {"app_extracted": "1", "z": "3"}),
        (
            '| logfmt | logfmt app="app", z="y"',
            "app=1 y=2",
            {"app_extracted": "1", "y": "2", "z": ""},
        ),
        # A key that is a label already is not looked at for another one.
        ('| logfmt | logfmt b="a"', "a=1", {"a": "1", "b": ""}),
        ('| logfmt | logfmt a="a"', "a=1", {"a": "1"}),
        ('| label_format a="x" | logfmt b="a"', "a=1", {"a": "x", "b": ""}),
    ],
)
def test_logfmt_keys(query: str, line: str, expected: dict[str, str]) -> None:
    assert parsed(query, line) == expected


@pytest.mark.parametrize(
    ("query", "line", "expected"),
    [
        ('| drop app | json app="app"', '{"app":"x"}', {"app_extracted": "x"}),
        ('| drop app | json app="app"', '{"x":1}', {"app": ""}),
        (
            '| drop app | json app="app", z="z"',
            '{"app":"x"}',
            {"app": "", "app_extracted": "x", "z": ""},
        ),
        (
            '| json a="a", b="b"',
            '{"a":nope,"b":1}',
            {
                "a": "",
                "b": "1",
                "__error__": "JSONParserErr",
                "__error_details__": "Unknown value type",
            },
        ),
    ],
)
def test_json_paths(query: str, line: str, expected: dict[str, str]) -> None:
    found = dict(run(query, line).label_sets([0])[0].merged())
    assert {
        name: text for name, text in found.items() if (name, text) != ("app", "api")
    } == expected


@pytest.mark.parametrize(
    ("query", "groups"),
    [
        ('| drop level!="info" | logfmt', [{}]),
        ('| drop level="info" | logfmt', [{"level": "warn"}]),
        ('| logfmt | drop level="info"', [{"level": "warn"}]),
        ("| drop level | logfmt", [{"level": "warn"}]),
    ],
)
def test_a_label_dropped_before_it_is_found_is_no_group(
    query: str, groups: list[dict[str, str]]
) -> None:
    _, found = group_codes(run(query, "level=warn"), ["level"])
    assert [dict(group) for group in found] == groups


@pytest.mark.parametrize(
    "stage", ["unpack", 'json z="z"', 'logfmt --strict z="z"', "json", "logfmt --strict"]
)
def test_lines_whose_labels_are_all_found_are_not_read_again(stage: str) -> None:
    chunk = make_chunk(labels(app="api"), [Entry(1, "a=1 =x"), Entry(2, "b=1 =x")])
    stages = parse_log(f'{{app="api"}} | logfmt | {stage}').stages
    rows = compile_pipeline(stages, wanted=frozenset(["a"])).run(rows_of(chunk))

    assert rows.errors is not None
    assert rows.errors.present().tolist() == [False, True]
