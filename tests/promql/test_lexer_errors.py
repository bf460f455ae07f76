"""Messages of the lexer."""

from __future__ import annotations

import pytest

from appliance.promql.lexer_errors import bad_number, escape_error, rune


@pytest.mark.parametrize(
    ("char", "shown"),
    [("a", "'a'"), ("'", "'\\''"), ('"', "'\"'"), ("\n", "'\\n'"), ("", "'\ufffd'")],
)
def test_runes_are_quoted_as_in_go(char: str, shown: str) -> None:
    assert rune(char) == shown


def test_numbers_are_shown_as_far_as_they_were_read() -> None:
    assert bad_number("a + 0..5.", 4) == 'bad number or duration syntax: "0..5."'


def test_good_strings_have_no_error() -> None:
    text = r'"\a\n\\\"\x41\101\u00e9\U0001F600"'
    assert not escape_error(text, 0, len(text))
    assert escape_error("'a\\\n'", 0, 5) == "unknown escape sequence U+000A"
