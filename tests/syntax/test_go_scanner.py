"""What Go's scanner says of numbers and strings that are none."""

from __future__ import annotations

import re

import pytest

from appliance.syntax.go_scanner import BLANKS, NUMBER, STRING, unreadable, wrong_number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("12", ""),
        ("0x1F", ""),
        ("1e", "exponent has no digits"),
        ("1e+", "exponent has no digits"),
        ("0x", "hexadecimal literal has no digits"),
        ("0189", "invalid digit '8' in octal literal"),
        ("1_", "'_' must separate successive digits"),
    ],
)
def test_wrong_numbers(text: str, message: str) -> None:
    assert wrong_number(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"ab', "literal not terminated"),
        ('"a\nb"', "literal not terminated"),
        (r'"\z"', "invalid char escape"),
        ("`ab", "literal not terminated"),
        ("'ab'", "invalid char literal"),
        ("'ab", "literal not terminated"),
        ("/* ab", "comment not terminated"),
        ("\0", "invalid character NUL"),
    ],
)
def test_what_starts_no_token(text: str, message: str) -> None:
    assert unreadable(text, 0) == message


def test_patterns_take_all_of_a_token() -> None:
    for pattern, texts in (
        (BLANKS, [" \t\n", "// to the end", "/* a\nb */ // c"]),
        (NUMBER, ["0", "1.5e-3", ".5", "5.", "0x1F", "0x1.8p1", "1_000"]),
        (STRING, ['"a\\"b"', "`a\nb`", r'"\u00fc\x41\101"']),
    ):
        assert all(re.fullmatch(pattern, text) for text in texts)
