"""Trim markers, comments, and what Go's lexer refuses."""

from __future__ import annotations

import pytest

from appliance.gotemplate.lexer import SPACE, tokens


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(text) if token.kind != SPACE][:-1]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a {{- 1 -}} b", ["a", "b"]),
        ("a {{1}} b", ["a ", " b"]),
        ("a\n{{- /* c */ -}}\n b", ["a", "b"]),
        ("a {{/* c */}} b", ["a ", " b"]),
        (" {{- 1 -}} {{- 2 -}} ", []),
        ("a { b } c", ["a { b } c"]),
    ],
)
def test_text_is_trimmed_as_markers_say(text: str, pieces: list[str]) -> None:
    assert [found for kind, found in kinds(text) if kind == "text"] == pieces


def test_words_of_an_action() -> None:
    assert kinds("{{if $x := .A | f (1) `r` \"s\" 'c' -1.5e3 true nil}}")[1:-1] == [
        ("if", "if"),
        ("variable", "$x"),
        ("declare", ":="),
        ("field", ".A"),
        ("pipe", "|"),
        ("identifier", "f"),
        ("open", "("),
        ("number", "1"),
        ("close", ")"),
        ("string", "`r`"),
        ("string", '"s"'),
        ("char", "'c'"),
        ("number", "-1.5e3"),
        ("bool", "true"),
        ("nil", "nil"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ 1", "unclosed action"),
        ("{{ (1 }}", "unclosed left paren"),
        ("{{ 1) }}", "unexpected right paren"),
        ('{{ "a }}', "unterminated quoted string"),
        ("{{ `a }}", "unterminated raw quoted string"),
        ("{{ 'a }}", "unterminated character constant"),
        ("{{/* a }}", "unclosed comment"),
        ("{{/* a */ }}", "comment ends before closing delimiter"),
        ("{{ 1a }}", 'bad number syntax: "1a"'),
        ("{{ 3-}}", 'bad number syntax: "3-"'),
        ("{{ $x=1 }}", "bad character U+003D '='"),
        ("{{ a@b }}", "bad character U+0040 '@'"),
        ("{{ $x : 1 }}", "expected :="),
        ("{{ \x01 }}", "unrecognized character in action: U+0001"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    last = tokens(text)[-1]
    assert (last.kind, last.text) == ("error", message)
