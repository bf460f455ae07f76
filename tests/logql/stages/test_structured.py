from __future__ import annotations

import pytest

from tests.logql.stages.running import parsed, run


def test_json_fields_become_labels() -> None:
    assert parsed("| json", '{"a":1.50,"b":{"c":"x"},"d":null}', '{"a":"y","e":""}') == [
        {"a": "1.50", "b_c": "x"},
        {"a": "y", "e": ""},
    ]


def test_labels_of_the_stream_and_of_metadata_are_kept_beside() -> None:
    (one, two) = run(
        "| json",
        '{"app":"clash","user":"line"}',
        '{"user":"line"}',
        metadata=[(("user", "meta"),)],
    )

    assert one.stream == {"app": "x"}
    assert one.metadata == {"user": "meta"}
    assert one.parsed == {"app_extracted": "clash", "user_extracted": "line"}
    assert two.parsed == {"user": "line"}


def test_the_first_value_of_a_name_counts() -> None:
    assert parsed("| json", '{"a":1,"a":2,"b.c":3,"b_c":4}') == [{"a": "1", "b_c": "3"}]
    assert parsed("| json", '{"app_extracted":"own","app":"clash"}') == [{"app_extracted": "own"}]
    assert parsed("| json | logfmt", '{"a":"1"}', "a=2 b=3") == [
        {"a": "1"},
        {"a": "2", "b": "3", "__error__": "JSONParserErr"},
    ]


def test_broken_lines_have_an_error_and_what_came_before() -> None:
    (fine, broken) = run("| json", '{"a":1}', '{"a":1,"b":')

    assert fine.parsed == {"a": "1"}
    assert broken.parsed == {
        "a": "1",
        "__error__": "JSONParserErr",
        "__error_details__": "Malformed JSON error",
    }


def test_labels_that_were_dropped_are_not_extracted_again() -> None:
    assert parsed("| json | drop a | json", '{"a":1,"b":2}') == [{"b": "2"}]


@pytest.mark.parametrize(
    ("stages", "line", "labels"),
    [
        ("| logfmt", "a=1 b= c", {"a": "1"}),
        ("| logfmt --keep-empty", "a=1 b= c", {"a": "1", "b": "", "c": ""}),
        ("| logfmt --keep-empty", 'a=1 b=""', {"a": "1", "b": ""}),
        ("| logfmt", "a=1=2 b=3", {"b": "3"}),
        ("| logfmt --strict", "b=3 a=1=2 c=4", {"b": "3", "__error__": "LogfmtParserErr"}),
        ("| logfmt", "a=1 a=2 app=y", {"a": "1", "app_extracted": "y"}),
    ],
)
def test_logfmt(stages: str, line: str, labels: dict[str, str]) -> None:
    assert parsed(stages, line) == [labels]
    assert parsed(stages, "x=1", line, "y=2")[1] == labels


def test_lines_that_a_stage_made_are_parsed() -> None:
    assert parsed('| json | line_format "{{.a}}" | logfmt', '{"a":"b=1"}', '{"a":"b=2 c=3"}') == [
        {"a": "b=1", "b": "1"},
        {"a": "b=2 c=3", "b": "2", "c": "3"},
    ]


def test_lines_with_newlines() -> None:
    assert parsed("| json", '{"a":\n1}', '{"a":2}') == [{"a": "1"}, {"a": "2"}]
    assert parsed("| logfmt", "a=1\nb=2", "a=3") == [{"a": "1", "b": "2"}, {"a": "3"}]
