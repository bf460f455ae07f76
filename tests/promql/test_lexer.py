"""Tokens of PromQL."""

from __future__ import annotations

import pytest

from appliance.promql.lexer import tokens


def pairs(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(text)[:-1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "SUM by(le) x:y # c\n +",
            [
                ("sum", "SUM"),
                ("by", "by"),
                ("(", "("),
                ("identifier", "le"),
                (")", ")"),
                ("metric identifier", "x:y"),
                ("+", "+"),
            ],
        ),
        (
            'x{sum="a",b!~`c`}',
            [
                ("identifier", "x"),
                ("{", "{"),
                ("identifier", "sum"),
                ("=", "="),
                ("string", '"a"'),
                (",", ","),
                ("identifier", "b"),
                ("!~", "!~"),
                ("string", "`c`"),
                ("}", "}"),
            ],
        ),
        (
            "x[5m + STEP():1m] offset 1d1h",
            [
                ("identifier", "x"),
                ("[", "["),
                ("duration", "5m"),
                ("+", "+"),
                ("step", "STEP"),
                ("(", "("),
                (")", ")"),
                (":", ":"),
                ("duration", "1m"),
                ("]", "]"),
                ("offset", "offset"),
                ("duration", "1d1h"),
            ],
        ),
        ("a </ b >/ c <= d", None),
        ("fill fill_left (", [("identifier", "fill"), ("fill_left", "fill_left"), ("(", "(")]),
        ("Inf nan end", [("number", "Inf"), ("number", "nan"), ("end word", "end")]),
        (
            "1_000 .5 5. 0x1F 0x3d 017 1e-3",
            [("number", text) for text in ("1_000", ".5", "5.", "0x1F", "0x3d", "017", "1e-3")],
        ),
    ],
)
def test_kinds(text: str, expected: list[tuple[str, str]] | None) -> None:
    found = pairs(text)
    if expected is None:
        assert [kind for kind, _ in found[1::2]] == ["</", ">/", "<="]
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("(a", "unclosed left parenthesis", 2),
        ("a)", "unexpected right parenthesis ')'", 2),
        ("a]", "unexpected right bracket ']'", 1),
        ("a[5m", "unclosed left bracket", 4),
        ("a[", "unexpected end of input in duration expression", 2),
        ("a[5m[", "unexpected left bracket '['", 4),
        ("a[:", "unexpected colon before duration in duration expression", 3),
        ("a[5m:1m:", "unexpected colon ':'", 7),
        ("a[step()::", "unexpected repeated colon in duration expression", 10),
        ("a[5m x", "unexpected character: 'x', expected ':'", 5),
        ("a[é", "unexpected character in duration expression: 'é'", 2),
        ("a{", "unexpected end of input inside braces", 2),
        ("a{{", "unexpected left brace '{'", 2),
        ("a{5", "unexpected character inside braces: '5'", 2),
        ("a{b!c", "unexpected character after '!' inside braces: 'c'", 3),
        ("!", "unexpected character after '!': '\ufffd'", 0),
        ("a =~ b", "unexpected character after '=': '~'", 2),
        ("a $", "unexpected character: '$'", 2),
        ("'a", "unterminated quoted string", 0),
        ("'a\nb'", "unterminated quoted string", 0),
        ("`a", "unterminated raw string", 0),
        (r"'a\q'", "unknown escape sequence U+0071 'q'", 0),
        (r"'\"'", "unknown escape sequence U+0022 '\"'", 0),
        (r'"\x4"', "illegal character U+0022 '\"' in escape sequence", 0),
        (r'"\x4', "escape sequence not terminated", 0),
        ('"\\', "escape sequence not terminated", 0),
        (r'"\400"', "escape sequence is an invalid Unicode code point", 0),
        (r'"\ud800"', "escape sequence is an invalid Unicode code point", 0),
        ('"\ufffd"', "invalid UTF-8 rune", 0),
        ("`\ufffd`", "invalid UTF-8 rune", 0),
        ("5x", 'bad number or duration syntax: "5"', 0),
        ("5mx", 'bad number or duration syntax: "5mx"', 0),
        ("5m5x", 'bad number or duration syntax: "5m5"', 0),
        ("1..5", 'bad number or duration syntax: "1.."', 0),
        ("1.5.2", 'bad number or duration syntax: "1.5."', 0),
        ("5e", 'bad number or duration syntax: "5e"', 0),
        ("5__1", 'bad number or duration syntax: "5__"', 0),
    ],
)
def test_errors(text: str, message: str, position: int) -> None:
    last = tokens(text)[-1]
    assert (last.kind, last.text, last.position) == ("error", message, position)


def test_positions_are_characters() -> None:
    assert [token.position for token in tokens("'ü' + x")] == [0, 4, 6, 7]
