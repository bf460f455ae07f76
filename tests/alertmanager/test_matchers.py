"""Alertmanager's matchers."""

from __future__ import annotations

import pytest

from appliance.alertmanager.matchers import (
    matchers_of,
    parse_matcher,
    parse_matchers,
    print_matcher,
)
from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("{}", []),
        ('severity="critical"', ['severity="critical"']),
        ("severity=critical", ['severity="critical"']),
        (' a = "b" ', ['a="b"']),
        ('a=~"b|c"', ['a=~"b|c"']),
        ("a!~b.*", ['a!~"b.*"']),
        ('{a="b", c!="d",}', ['a="b"', 'c!="d"']),
        ('a="b",c="d"', ['a="b"', 'c="d"']),
        ('a="b,c"', ['a="b,c"']),
        ('"my label"="x"', ['"my label"="x"']),
        ('a="say \\"hi\\"\\n"', ['a="say \\"hi\\"\\n"']),
        ('a=""', ['a=""']),
        ("a=", ['a=""']),
        ("a=b c", ['a="b c"']),
        ("a=~^(b|c)$", ['a=~"^(b|c)$"']),
        ("a={b}", ['a="{b"']),
        ("{a=b", ['a="b"']),
        ("{a=\\d}", ['a="\\\\d"']),
        ('a="\\t"', ['a="\\\\t"']),  # both grammars take it, the classic one holds
        ('"ö"="\\t"', ['ö="\t"']),
        ("a=b\\", ['a="b\\\\"']),
        ('a="x\ny"', ['a="x\\ny"']),
        ("ü=1, 日=本", ['ü="1"', '日="本"']),
    ],
)
def test_both_grammars_are_read(text: str, expected: list[str]) -> None:
    assert [print_matcher(matcher) for matcher in parse_matchers(text)] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "bad matcher format: a"),
        ("=b", "bad matcher format: =b"),
        ("{,}", "bad matcher format: "),
        ('"a"', 'bad matcher format: "a"'),
        ('a="b', 'matcher value contains unescaped double quote: "b'),
        ('a=b"', 'matcher value contains unescaped double quote: b"'),
        ('a=b"c', 'matcher value contains unescaped double quote: b"c'),
        ('a="b" c="d"', 'matcher value contains unescaped double quote: "b" c="d"'),
        ('a="b\\"', 'matcher value contains unescaped double quote: "b\\"'),
        ("a=~(", "error parsing regexp: missing closing ): `(`"),
    ],
)
def test_other_texts_are_refused_in_the_originals_words(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_matchers(text)
    assert caught.value.message == message


def test_values_are_utf8() -> None:
    assert parse_matcher(r'"a b"="\xf0\x9f\x99\x82"').value == "\N{SLIGHTLY SMILING FACE}"
    with pytest.raises(BadInput):
        parse_matchers(r'{"a b"="\xf0\x9f"}')


def test_one_matcher_has_no_braces_and_no_company() -> None:
    assert parse_matcher("a=b,c=d") == Matcher("a", MatchOp.EQUAL, "b,c=d")
    assert parse_matcher('"x y"=~"z"') == Matcher("x y", MatchOp.REGEX, "z")
    with pytest.raises(BadInput, match="bad matcher format: ä=b,c=d"):
        parse_matcher("ä=b,c=d")


def test_the_three_ways_to_write_matchers_add_up() -> None:
    matchers = matchers_of({"a": "1"}, {"b": "x|y"}, [parse_matchers("c!=d")])
    assert [str(matcher) for matcher in matchers] == ['a="1"', 'b=~"^(?:x|y)$"', 'c!="d"']
