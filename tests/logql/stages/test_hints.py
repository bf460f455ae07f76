from __future__ import annotations

from tests.logql.stages.running import run


def labels(stages: str, line: str, *wanted: str) -> dict[str, str]:
    (one,) = run(stages, line, wanted=wanted)
    return one.parsed


def test_nothing_is_parsed_when_nothing_is_wanted() -> None:
    for stages in (
        "| json",
        "| logfmt --strict",
        '| pattern "<a> <b>"',
        "| unpack",
        '| json a="b"',
    ):
        assert labels(stages, "no=json=at all") == {}


def test_parsers_find_what_is_wanted_alone() -> None:
    assert labels("| json", '{"a":1,"b":2}', "b") == {"b": "2"}
    assert labels('| pattern "<a> <b>"', "1 2", "b") == {"b": "2"}
    assert labels('| regexp "(?P<a>.) (?P<b>.)"', "1 2", "a") == {"a": "1"}


def test_stages_want_labels_too() -> None:
    assert labels('| json | b="2"', '{"a":1,"b":2,"c":3}', "a") == {"a": "1", "b": "2"}
    assert labels("| json | label_format n=b", '{"b":2,"c":3}') == {"n": "2"}
    assert labels('| json | line_format "{{.c}}"', '{"b":2,"c":3}') == {"c": "3"}


def test_a_line_is_read_until_all_is_found() -> None:
    assert labels("| json", '{"a":1,"b":', "a") == {"a": "1"}
    assert labels("| json", '{"b":2,"a":', "b", "c")["__error__"] == "JSONParserErr"
    assert labels("| json", '{"x":{"y":nope},"a":1}', "a") == {"a": "1"}
    assert labels("| logfmt --strict", "a=1 b=c=d", "a") == {"a": "1"}


def test_a_parser_is_left_out_where_all_has_been_found() -> None:
    assert labels("| logfmt | json", "a=1 no json", "a") == {"a": "1"}
    assert labels("| logfmt | json", "b=1 no json", "a")["__error__"] == "JSONParserErr"


def test_labels_with_the_suffix() -> None:
    assert labels("| json", '{"app":"y","b":1}', "app_extracted") == {"app_extracted": "y"}
    assert labels("| json", '{"app":"y","b":1}', "app") == {}
