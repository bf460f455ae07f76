"""Go's string literals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.syntax.quoting import quote, unquote, unquote_bytes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"plain"', "plain"),
        (r'"a\n\t\\\"\x41\101\u00fc\U0001F600"', 'a\n\t\\"AAü😀'),
        (r"'it\'s'", "it's"),
        ('`raw \\n\n"`', 'raw \\n\n"'),
        (r'"\xc3\xbc"', "ü"),
        (r'"\xff"', "\ufffd"),
        ('""', ""),
    ],
)
def test_values(text: str, value: str) -> None:
    assert unquote(text) == value


@pytest.mark.parametrize(
    ("text", "position"),
    [(r'"a\q"', 2), (r'"\u00zz"', 1), (r"""'\"'""", 1), (r'"\400"', 1), (r'"\ud800"', 1)],
)
def test_unknown_escapes_are_refused(text: str, position: int) -> None:
    with pytest.raises(BadInput, match="invalid char escape") as caught:
        unquote(text)
    assert caught.value.position == position


@given(st.text())
def test_what_is_printed_is_read_back(text: str) -> None:
    assert unquote(quote(text)) == text
    assert "\n" not in quote(text)


def test_bytes_that_are_no_utf8_are_kept_and_printed() -> None:
    assert unquote_bytes(r'"a\xc5z"') == b"a\xc5z"
    assert quote(b"a\xc5z\xc3\xa4") == r'"a\xc5zä"'
