"""The table-driven lexer, with a small template language."""

from __future__ import annotations

import pytest

from appliance.syntax.lexer import END, ERROR, Kind, Lexer

LEXER = Lexer(
    {
        "text": [Kind("open", r"\{\{", push="action"), Kind("text", r"(?:[^{]|\{(?!\{))+")],
        "action": [
            Kind("blank", r"\s+", skip=True),
            Kind("close", r"\}\}", pop=True),
            Kind("unclosed", r"\Z", error="unclosed action"),
            Kind("bad", r"\d+[a-z]+", error="bad number {text!r}"),
            Kind("number", r"\d+"),
            Kind("word", r"[a-zA-Z]+", keywords={"if": "if"}),
        ],
    },
    "text",
)


def kinds(text: str) -> list[str]:
    return [token.kind for token in LEXER.tokens(text)]


def test_modes_are_pushed_and_popped() -> None:
    found = [(token.kind, token.text) for token in LEXER.tokens("a{b {{ IF x1 }} c")]
    assert [kind for kind, _ in found] == [
        "text", "open", "if", "word", "number", "close", "text", END,
    ]  # fmt: skip
    assert found[0] == ("text", "a{b ")
    assert found[2] == ("if", "IF")


def test_positions_cover_the_text() -> None:
    text = "a {{ if }} b"
    tokens = LEXER.tokens(text)
    assert all(text[token.position : token.end] == token.text for token in tokens)
    assert (tokens[-1].position, tokens[-1].end) == (12, 12)


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("{{ a", "unclosed action", 4),
        ("{{ 5x }}", "bad number '5x'", 3),
        ("{{ € }}", "unexpected character: '€'", 3),
    ],
)
def test_errors_end_the_stream(text: str, message: str, position: int) -> None:
    last = LEXER.tokens(text)[-1]
    assert (last.kind, last.text, last.position) == (ERROR, message, position)


def test_empty_text_is_the_end() -> None:
    assert kinds("") == [END]
