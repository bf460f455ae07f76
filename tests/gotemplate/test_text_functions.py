"""Functions on text."""

from __future__ import annotations

import pytest

from appliance.gotemplate.text_functions import replace_all, title, to_lower, to_upper


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "result"),
    [
        ("(.*):.*", "$1", "web:9100", "web"),
        ("a*", "-", "baac", "-b-c-"),
        ("$", "!", "end", "end!"),
        ("x", "$$", "axb", "a$b"),
        ("(b)", "$1x", "abc", "ac"),
        ("(b)", "${1}x", "abc", "abxc"),
        ("(?P<x>a)", "<${x}>", "banana", "b<a>n<a>n<a>"),
        ("(a)|b", "[$1]", "ab", "[a][]"),
        ("é", "e", "éé", "ee"),
    ],
)
def test_replacements(pattern: str, replacement: str, text: str, result: str) -> None:
    assert replace_all(pattern, replacement, text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("hello world-foo bar's 3rd", "Hello World-Foo Bar's 3Rd"),
        ("foo_bar a:b web1.example.org", "Foo_bar A:b Web1.example.org"),
        ("ünï wORLD", "Ünï WORLD"),
        ("", ""),
    ],
)
def test_titles(text: str, result: str) -> None:
    assert title(text) == result


def test_case_is_changed_letter_by_letter() -> None:
    assert to_upper("straße ñ") == "STRAßE Ñ"
    assert to_lower("ÀÉ ABC") == "àé abc"
