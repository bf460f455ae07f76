"""Go's verbs, flags, and complaints."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.gotemplate.printf import format_float, sprint, sprintf, sprintln
from appliance.gotemplate.times import Duration, Month, Time
from appliance.gotemplate.values import StringList, StringMap, Struct

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("form", "values", "text"),
    [
        ("%d|%5d|%-5d|%05d|%+d|% d", [42] * 6, "42|   42|42   |00042|+42| 42"),
        ("%x %X %#x %o %O %b %c %U %#U %q", [255, 255, 255, 8, 8, 5, 65, 8364, 8364, 120],
         "ff FF 0xff 10 0o10 101 A U+20AC U+20AC '€' 'x'"),
        ("%6d|%-6d|%06d|%x", [-42, -42, -42, -255], "   -42|-42   |-00042|-ff"),
        ("%s|%5s|%-5s|%.2s|%q|%x|% x|%+q", ["abc", "ab", "ab", "abc", 'a"b', "hi", "hi", "é"],
         'abc|   ab|ab   |ab|"a\\"b"|6869|68 69|"\\u00e9"'),
        ("%5.2f|%-8.3f|%08.3f|%+.1e|%g|%G", [3.14159, 2.5, -2.5, 12345.678, 1e21, 1e-7],
         " 3.14|2.500   |-002.500|+1.2e+04|1e+21|1E-07"),
        ("%v %v %v %v", [1e6, 1e20, 123456.0, 0.00001], "1e+06 1e+20 123456 1e-05"),
        ("%v %6.1f|%+v|%05v", [NAN, INF, NAN, -INF], "NaN   +Inf|NaN| -Inf"),
        ("%x %X", [1.0, 255.5], "0x1p+00 0X1.FFP+07"),
        ("%t %v %T %T %T", [True, False, 1, "a", None], "true false int string <nil>"),
        ("%v %s %d", [None, None, None], "<nil> %!s(<nil>) %!d(<nil>)"),
        ("%d %s %z", ["x", 1, 1], "%!d(string=x) %!s(int=1) %!z(int=1)"),
        ("%s %s", ["a"], "a %!s(MISSING)"),
        ("%s", ["a", 1, None], "a%!(EXTRA int=1, <nil>)"),
        ("100%% %", [], "100% %!(NOVERB)"),
        ("%[2]d %[1]d", [1, 2], "2 1"),
        ("%[3]d", [1], "%!d(BADINDEX)"),
        ("%*d|%-*d|%.*f", [5, 42, 5, 42, 2, 3.14159], "   42|42   |3.14"),
        ("%*d", ["a", 1], "%!(BADWIDTH)1"),
        ("%v %d %q", [StringMap(b="2", a="1")] * 3,
         ("map[a:1 b:2] map[%!d(string=a):%!d(string=1) %!d(string=b):%!d(string=2)]"
         ' map["a":"1" "b":"2"]')),
        ("%v %#v", [StringList(["a", "b c"])] * 2, '[a b c] []string{"a", "b c"}'),
        ("%v %+v", [Struct("main.X", {"A": 1, "B": "b"})] * 2, "{1 b} {A:1 B:b}"),
        ("%v %d %s", [Duration(90 * 10**9), Duration(1), Month(2)], "1m30s 1 February"),
        ("%s", [Time(0)], "1970-01-01 00:00:00 +0000 UTC"),
    ],
)  # fmt: skip
def test_printf(form: str, values: list[Any], text: str) -> None:
    assert sprintf(form, values) == text


def test_print_puts_blanks_between_what_is_no_string() -> None:
    assert sprint(["a", 1, 2, "b", 3, "c"]) == "a1 2b3c"
    assert sprintln(["a", 1, "b"]) == "a 1 b\n"


def test_huge_widths_are_not_obeyed() -> None:
    assert len(sprintf("%999999999d", [1])) < 2_000_000


@pytest.mark.parametrize(
    ("value", "verb", "precision", "text"),
    [(1e21, "g", None, "1e+21"), (0.1 + 0.2, "g", 4, "0.3"), (1.5, "E", None, "1.500000E+00")],
)
def test_floats(value: float, verb: str, precision: int | None, text: str) -> None:
    assert format_float(value, verb, precision) == text
