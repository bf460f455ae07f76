"""Tokens of TraceQL."""

from __future__ import annotations

import time

import pytest

from appliance.syntax.lexer import ERROR
from appliance.traceql.lexer import quote_name, tokens, unquote_name

OPERATORS = [">>", "=", "<<", "<=", ">=", "=~", "~", "||", "|", "|"]


def kinds(text: str) -> list[str]:
    return [token.kind for token in tokens(text)]


def texts(text: str) -> list[str]:
    return [token.text for token in tokens(text)][:-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{.a=1}", ["{", ".", "IDENTIFIER", "END_ATTRIBUTE", "=", "INTEGER", "}", "$end"]),
        ("span.x", ["span.", "IDENTIFIER", "END_ATTRIBUTE", "$end"]),
        ("parent.resource.x", ["parent.", "resource.", "IDENTIFIER", "END_ATTRIBUTE", "$end"]),
        ("parent.event.x", ["parent.", "IDENTIFIER", "END_ATTRIBUTE", "$end"]),
        ("span: name", ["span:", "name", "$end"]),
        ("span :name", ["IDENTIFIER", "IDENTIFIER", "name", "$end"]),
        ("myspan.x", ["IDENTIFIER", ".", "IDENTIFIER", "END_ATTRIBUTE", "$end"]),
        ("spans", ["IDENTIFIER", "$end"]),
        ("Duration duration", ["IDENTIFIER", "duration", "$end"]),
        (". x", [".", "END_ATTRIBUTE", "IDENTIFIER", "$end"]),
        ("1 1.5 .5 5. 1e3 0x1p4", ["INTEGER", *["FLOAT"] * 5, "$end"]),
        ("1s 1.5h 3d 2w 1y 1h30m 7ns", [*["DURATION"] * 7, "$end"]),
        ("1.5d", ["FLOAT", "IDENTIFIER", "$end"]),
        ("!> !>> !< !<< !~ != !", ["!>", "!>>", "!<", "!<<", "!~", "!=", "!", "$end"]),
        ("&> &>> &< &<< &~ && &", ["&>", "&>>", "&<", "&<<", "&~", "&&", "IDENTIFIER", "$end"]),
        (">>= << <= >= =~ ~ ||| |", [*OPERATORS, "$end"]),
        ("a // b\n/* c\n */ d", ["IDENTIFIER", "IDENTIFIER", "$end"]),
        ("count_over_time by", ["count_over_time", "by", "$end"]),
        ("'x' # @", ["IDENTIFIER"] * 3 + ["$end"]),
        ("error", ["STATUS_ERROR", "$end"]),
    ],
)
def test_kinds(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


def test_names_end_at_blanks_and_marks_only() -> None:
    for end in "{}()=~!<>&|^, \t\n\xa0":
        name = "http/status-code:a+b*c[0]%\u2615"
        assert texts(f".{name}{end}")[1] == name, repr(end)


def test_parts_of_names_stand_in_quotes() -> None:
    (name,) = [
        token.text for token in tokens('span."a b".c."\\"{}\\\\" = 1') if "a b" in token.text
    ]
    assert unquote_name(name) == 'a b.c."{}\\'


@pytest.mark.parametrize("name", ["a", "a b", 'a"b\\', "", "span.x", "{", "\u2615", "\n", "a.b"])
def test_names_are_quoted_where_they_have_to_be(name: str) -> None:
    quoted = quote_name(name)
    assert unquote_name(quoted) == name
    assert tokens(f".{quoted}=1")[1].text == quoted
    assert quote_name("a.b-c/d") == "a.b-c/d"


def test_a_scope_behind_parent_is_one() -> None:
    assert quote_name("span.x", is_parent=True) == '"span.x"'
    assert quote_name("span.x") == "span.x"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{ "a', "literal not terminated"),
        ("{ `a", "literal not terminated"),
        (r'{ "\q" }', "invalid char escape"),
        ("{ 'ab' }", "invalid char literal"),
        ("{ /* a", "comment not terminated"),
        ("{ 089 }", "invalid digit '8' in octal literal"),
        ("{ 1e }", "exponent has no digits"),
        ("{ 0x10 }", 'strconv.Atoi: parsing "0x10": invalid syntax'),
        (
            "{ 9223372036854775808 }",
            'strconv.Atoi: parsing "9223372036854775808": value out of range',
        ),
        ('{ ."a }', 'unexpected EOF, expecting "'),
        ('{ ."a\\n" }', "invalid escape sequence"),
        ("{ \0 }", "invalid character NUL"),
    ],
)
def test_what_is_no_token_comes_last(text: str, message: str) -> None:
    last = tokens(text)[-1]
    assert (last.kind, last.text) == (ERROR, message)


def test_large_numbers_are_read() -> None:
    assert texts("9223372036854775807 007") == ["9223372036854775807", "007"]


def test_positions_of_names_are_those_of_their_scopes() -> None:
    found = tokens("{ span.foo = 1 }")
    assert [(token.kind, token.position, token.end) for token in found[1:4]] == [
        ("span.", 2, 7),
        ("IDENTIFIER", 2, 10),
        ("END_ATTRIBUTE", 2, 10),
    ]


@pytest.mark.parametrize("piece", ["1.1", "1s", '"a', '."', "/*", "'", "a.", ".a ", "0x", "\\"])
def test_time_grows_with_the_length_only(piece: str) -> None:
    started = time.process_time()
    tokens(piece * 20_000)
    assert time.process_time() - started < 2
