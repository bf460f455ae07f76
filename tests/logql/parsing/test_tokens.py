"""Tokens in sequence."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.logql.parsing.tokens import MAX_DEPTH, TokenReader


def test_reads_one_after_the_other() -> None:
    reader = TokenReader('( a , b ) "x"')
    assert reader.names() == ("a", "b")
    assert (reader.kind, reader.position) == ("STRING", 10)
    assert reader.string() == "x"
    reader.end()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(a b)", "unexpected IDENTIFIER, expecting , or )"),
        ("(a,)", "unexpected ), expecting IDENTIFIER"),
        ("(1)", "unexpected NUMBER, expecting IDENTIFIER or )"),
        ("a", "unexpected IDENTIFIER, expecting ("),
    ],
)
def test_names(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        TokenReader(text).names()
    assert str(caught.value).split("\n")[0].endswith(f"syntax error: {message}")


def test_the_line_of_joined_tokens_is_lost() -> None:
    with pytest.raises(BadInput, match=r"at line 0, col 2: "):
        TokenReader("\n |= ").end()


def test_open_brackets_are_counted() -> None:
    reader = TokenReader("")
    for _ in range(MAX_DEPTH):
        reader.enter()
    reader.leave()
    reader.enter()
    with pytest.raises(BadInput, match="nested more than 100 deep"):
        reader.enter()
