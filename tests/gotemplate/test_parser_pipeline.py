"""Pipelines: numbers, declarations, and Go's words for what is wrong with them."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.ast import Action, Literal
from appliance.gotemplate.parser import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x1F", 31), ("0b101", 5), ("0o17", 15), ("017", 15), ("1_000", 1000), ("-5", -5),
        ("+5", 5), ("1e3", 1000.0), (".5", 0.5), ("0x1p4", 16.0), ("'a'", 97), ("'\\n'", 10),
        ("true", True), ('"a\\tb"', "a\tb"), ("`a\\tb`", "a\\tb"),
    ],
)  # fmt: skip
def test_literals(text: str, value: object) -> None:
    (action,) = parse("x", "{{ " + text + " }}", ())[0].body
    assert isinstance(action, Action)
    (literal,) = action.pipe.commands[0].args
    assert isinstance(literal, Literal)
    assert literal.value == value
    assert type(literal.value) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 | 2", "non executable command in pipeline stage 2"),
        ("| 1", 'unexpected "|" in command'),
        ("", "missing value for command"),
        ("()", "missing value for parenthesized pipeline"),
        (".a.1", 'unexpected ".1" in operand'),
        ('"a".x', 'unexpected . after term "\\"a\\""'),
        ("$x, $y := 1", "too many declarations in command"),
        ("range $x, 1", "range can only initialize variables"),
        ("range $a, $b, $c := 1", "too many declarations in range"),
        ("1 ;", 'unexpected ";" in operand'),
        ("1 verylongidentifier", 'function "verylongidentifier" not defined'),
        ("08", 'integer overflow: "08"'),
        ("1e400", 'illegal number syntax: "1e400"'),
        ("99999999999999999999", 'integer overflow: "99999999999999999999"'),
        ("'ab'", "malformed character constant: 'ab'"),
        ('"\\q"', "invalid syntax"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse("x", "{{ " + text + " }}", ())
    assert caught.value.message == f"template: x:1: {message}"
