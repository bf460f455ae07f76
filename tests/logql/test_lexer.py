"""Tokens of LogQL."""

from __future__ import annotations

import pytest

from appliance.logql.lexer import END, ERROR, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{app="x"}', "{ IDENTIFIER = STRING }"),
        ('|= "a" != `b` # c', "|= STRING != STRING"),
        ("| JSON | unwrap x", "| json | unwrap IDENTIFIER"),
        ("sum(rate) by (count)", "SUM ( IDENTIFIER ) by ( IDENTIFIER )"),
        ("Sum by (", "SUM by ("),
        ("sum by x", "IDENTIFIER by IDENTIFIER"),
        ("rate\n(", "RATE ("),
        (
            "bytes( duration ( duration_seconds(",
            "BYTES_CONV ( DURATION_CONV ( DURATION_SECONDS_CONV (",
        ),
        ("ip ip(", "IDENTIFIER ip ("),
        ("[5m] 1.5h 250ms 1h30m", "RANGE DURATION DURATION DURATION"),
        ("20KB 1.5MiB 3k 5B", "BYTES BYTES BYTES BYTES"),
        ("5 .5 5. 1e3 0x1p4 5x", "NUMBER NUMBER NUMBER NUMBER NUMBER NUMBER IDENTIFIER"),
        ("-5m -5 1-1 1 -2h", "DURATION - NUMBER NUMBER - NUMBER NUMBER DURATION"),
        ("--strict --keep-empty --bogus", "FUNCTION_FLAG FUNCTION_FLAG - - IDENTIFIER"),
        ("a // b\n c /* d \n e */ f", "IDENTIFIER IDENTIFIER IDENTIFIER"),
        ("grün;'x' @", "IDENTIFIER IDENTIFIER IDENTIFIER IDENTIFIER"),
        ("a.b ] >= <", "IDENTIFIER . IDENTIFIER ] >= <"),
        ("variants ( of", "variants ( of"),
    ],
)
def test_kinds(text: str, expected: str) -> None:
    assert tokens(text).kinds == [*expected.split(), END]


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ('{a="x}', "literal not terminated", 3),
        ('{a="x\n"}', "literal not terminated", 3),
        ("{a=`x", "literal not terminated", 3),
        ('{a="\\q"}', "invalid char escape", 3),
        ('{a="\\u00zz"}', "invalid char escape", 3),
        ('{a="\\', "invalid char escape", 3),
        ("a [5", "missing closing ']' in duration", 2),
        ("[]", "empty duration string", 0),
        ("[5]", 'not a valid duration string: "5"', 0),
        ("[1m1h]", 'not a valid duration string: "1m1h"', 0),
        ("[1h 30m]", 'unknown unit "h " in duration "1h 30m"', 0),
        ("[999999y]", "duration out of range", 0),
        ("'abc'", "invalid char literal", 0),
        ("'abc", "literal not terminated", 0),
        ("/* x", "comment not terminated", 0),
        ("a\0", "invalid character NUL", 1),
        ("1e", "exponent has no digits", 0),
        ("0x", "hexadecimal literal has no digits", 0),
        ("08", "invalid digit '8' in octal literal", 0),
        ("1__0", "'_' must separate successive digits", 0),
    ],
)
def test_what_is_no_token(text: str, message: str, position: int) -> None:
    found = tokens(text)
    assert (found.kinds[-1], found.texts[-1], found.starts[-1]) == (ERROR, message, position)


def test_texts_and_starts() -> None:
    found = tokens(' a  >= "x y"')
    assert found.texts == ["a", ">=", '"x y"', ""]
    assert found.starts == [1, 4, 7, 12]
