from __future__ import annotations

import time

import pytest

from appliance.lines.json_line import (
    BROKEN_ARRAY,
    BROKEN_ESCAPE,
    BROKEN_JSON,
    BROKEN_OBJECT,
    BROKEN_STRING,
    UNKNOWN_VALUE,
    BrokenLineError,
    packed_fields,
    unescaped,
    walk,
)


def read(line: str) -> tuple[list[tuple[str, str]], str]:
    """The fields until the line breaks, and why it does."""
    found: list[tuple[str, str]] = []
    try:
        found.extend(walk(line.encode()))
    except BrokenLineError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("{}", []),
        ('  {"a" : 1 , "b":"x"}  ', [("a", "1"), ("b", "x")]),
        ('{"a":{"b":{"c":"x"}},"d":true,"e":null,"f":[{"g":2}]}', [("a_b_c", "x"), ("d", "true")]),
        ('{"n":1.50,"e":1e3,"big":123456789012345678901234567890,"odd":-0}',
         [("n", "1.50"), ("e", "1e3"), ("big", "123456789012345678901234567890"), ("odd", "-0")]),
        ('{"a":1,"a":2}', [("a", "1"), ("a", "2")]),
        ('{"a":1}{"b":2}', [("a", "1")]),
        ('{"a":1} trailing', [("a", "1")]),
        ('{"a":1,}', [("a", "1")]),
        ('{"s":"a\\n\\"b\\" \\u00fc \\ud83d\\ude00 \\/"}', [("s", 'a\n"b" ü 😀 /')]),
        ('{"s":"\\ud83d","t":"\\x"}', [("s", ""), ("t", "")]),
        ('{"s":"\ufffd"}', [("s", " ")]),
        ('{"1a":"x"," b ":"y","ü.c":"z"}', [("_1a", "x"), ("b", "y"), ("__c", "z")]),
        ('{" ":{"a":"x"},"b":{" ":"y"}}', [("a", "x"), ("b", "y")]),
        ('{"a":12abc}', [("a", "12abc")]),
        ('{"a":{},"b":[]}', []),
    ],
)  # fmt: skip
def test_fields_of_lines(line: str, fields: list[tuple[str, str]]) -> None:
    assert read(line) == (fields, "")


@pytest.mark.parametrize(
    ("line", "fields", "error"),
    [
        ("", [], BROKEN_OBJECT),
        ("42", [], BROKEN_OBJECT),
        ('["a"]', [], BROKEN_OBJECT),
        ("{", [], BROKEN_JSON),
        ("{a}", [], BROKEN_OBJECT),
        ('{"a"', [], BROKEN_JSON),
        ('{"a', [], BROKEN_JSON),
        ('{"a":', [], BROKEN_JSON),
        ('{"a":nul}', [], UNKNOWN_VALUE),
        ('{"a":}', [], UNKNOWN_VALUE),
        ('{"a":"x', [], BROKEN_STRING),
        ('{"a":1', [("a", "1")], BROKEN_ARRAY),
        ('{"a":1,', [("a", "1")], BROKEN_ARRAY),
        ('{"a":1 "b":2}', [("a", "1")], BROKEN_OBJECT),
        ('{"a":[1,2,"b":2}', [], BROKEN_ARRAY),
        ('{"x":1,"a":{"b":2', [("x", "1")], BROKEN_OBJECT),
        ('{"a\\x":1}', [], BROKEN_ESCAPE),
        ('{"a":{"b":nul},"c":1}', [], UNKNOWN_VALUE),
    ],
)  # fmt: skip
def test_broken_lines_keep_what_came_before(
    line: str, fields: list[tuple[str, str]], error: str
) -> None:
    assert read(line) == (fields, error)


def test_objects_of_no_interest_are_not_looked_into() -> None:
    line = b'{"a":{"x":nul},"b":{"c":"1","d":{"e":"2"}}}'

    assert list(walk(line, lambda name: name == "b")) == [("b_c", "1")]


def test_bytes_that_are_no_utf8_become_blanks_each() -> None:
    assert list(walk(b'{"a":"x\xe2\x82y\xff"}')) == [("a", "x  y ")]


def test_deep_and_wide_lines_take_linear_time() -> None:
    start = time.process_time()
    with pytest.raises(BrokenLineError):
        list(walk(b'{"a":' * 40_000 + b"1" + b"}" * 40_000))
    list(walk(b"{" + b",".join(b'"a":{"b":[{}]}' for _ in range(20_000)) + b"}"))
    assert time.process_time() - start < 2


def test_packed_lines() -> None:
    line = b'{"app":"x","n":5,"_entry":"say \\"hi\\"","o":{"p":"q"}}'

    assert packed_fields(line) == ([("app", "x")], b'say "hi"')
    assert packed_fields(b'{"app":"x"}') == ([("app", "x")], None)
    with pytest.raises(BrokenLineError, match=BROKEN_ESCAPE):
        packed_fields(b'{"_entry":"\\x"}')


def test_escapes() -> None:
    assert unescaped(b"\\b\\f\\r\\t\\u00e9") == "\b\f\r\té".encode()
    assert unescaped(b"\\ud83d\\u0041") is None
    assert unescaped(b"\\u12") is None
