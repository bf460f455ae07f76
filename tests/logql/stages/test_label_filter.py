from __future__ import annotations

import pytest

from tests.logql.stages.running import parsed, passed, run

LINES = ("n=1 d=10ms s=1KB ip=10.0.0.1", "n=x d=2s s=2MB ip=192.168.0.9", "t=1")


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ('n="1"', [0]),
        ('n!="1"', [1, 2]),
        ('n=""', [2]),
        ('n=~"[0-9]"', [0]),
        ('n!~"[0-9]"', [1, 2]),
        ("n >= 1", [0, 1]),
        ("n > 1", [1]),
        ("d < 1s", [0]),
        ("d >= 2s", [1]),
        ("s > 1500B", [1]),
        ("s == 1KB", [0]),
        ('ip=ip("10.0.0.0/8")', [0]),
        ('ip!=ip("10.0.0.0/8")', [1]),
        ('n="1" or t="1"', [0, 2]),
        ('n="1" and d > 1ms', [0]),
        ('app="x", n="1"', [0]),
        ('app="y"', []),
    ],
)
def test_lines_that_pass(condition: str, rows: list[int]) -> None:
    assert passed(f"| logfmt | {condition}", *LINES) == [LINES[row] for row in rows]


def test_texts_that_are_no_numbers_keep_their_lines() -> None:
    (one,) = run("| logfmt | n > 5", "n=x")

    assert one.parsed == {
        "n": "x",
        "__error__": "LabelFilterErr",
        "__error_details__": 'strconv.ParseFloat: parsing "x": invalid syntax',
    }


def test_an_error_that_is_there_stays() -> None:
    assert parsed("| logfmt --strict | n > 5", "n=x a=b=c") == [
        {"n": "x", "__error__": "LogfmtParserErr"}
    ]
    assert parsed("| logfmt --strict | n > 5", "n=1 a=b=c", "a=b=c") == []


def test_the_right_side_of_or_is_not_looked_at_when_the_left_holds() -> None:
    assert parsed('| logfmt | t="1" or n > 5', "t=1 n=x", "t=2 n=x") == [
        {"t": "1", "n": "x"},
        {"t": "2", "n": "x", "__error__": "LabelFilterErr"},
    ]


def test_errors_are_labels() -> None:
    assert passed('| json | __error__=""', "text", '{"a":1}') == ['{"a":1}']
    assert passed('| json | __error__!=""', "text", '{"a":1}') == ["text"]
    assert passed('| json | __error_details__!=""', "text") == []


def test_filters_of_many_lines_see_all_labels_afterwards() -> None:
    lines = [f'{{"a":{number},"b":"x{number}"}}' for number in range(1000)]

    assert parsed("| json | a >= 998", *lines) == [
        {"a": "998", "b": "x998"},
        {"a": "999", "b": "x999"},
    ]
    assert passed('| json | a > 5 | b="x7"', *lines, "text") == ['{"a":7,"b":"x7"}']


def test_an_error_need_not_stand_in_the_line() -> None:
    assert passed('| json | __error__="JSONParserErr"', "text", '{"a":1}') == ["text"]
