"""Stages of pipelines."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.logql.ast import (
    BothConditions,
    CompareOp,
    Decolorize,
    Drop,
    EitherCondition,
    Extraction,
    FilterOp,
    FilterText,
    IpCondition,
    Json,
    Keep,
    LabelFilter,
    LabelFormat,
    LabelFormatItem,
    LineFilter,
    LineFormat,
    Logfmt,
    NumberCondition,
    Pattern,
    Regexp,
    Stage,
    TextCondition,
    Unit,
    Unpack,
)
from appliance.logql.parsing.stages import StageReader
from appliance.model.matcher import Matcher, MatchOp


def text_is(name: str) -> TextCondition:
    return TextCondition(Matcher(name, MatchOp.EQUAL, "1"))


A, B, C, D = map(text_is, "abcd")


def stages(text: str) -> tuple[Stage, ...]:
    reader = StageReader(text)
    found = reader.stages()
    reader.end()
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| json", Json()),
        ('| json a="b.c", d', Json((Extraction("a", "b.c"), Extraction("d", "d")))),
        ("| LOGFMT", Logfmt()),
        (
            '| logfmt --keep-empty --strict a, b="c"',
            Logfmt((Extraction("a", "a"), Extraction("b", "c")), is_strict=True, keeps_empty=True),
        ),
        ("| regexp `(?P<a>.)`", Regexp("(?P<a>.)")),
        ("| pattern `<a> <_>`", Pattern("<a> <_>")),
        ("| unpack", Unpack()),
        ('| line_format "{{.a}}"', LineFormat("{{.a}}")),
        (
            "| label_format a=b, c=`{{.d}}`",
            LabelFormat(
                (
                    LabelFormatItem("a", "b", is_template=False),
                    LabelFormatItem("c", "{{.d}}", is_template=True),
                )
            ),
        ),
        ("| decolorize", Decolorize()),
        ('| drop a, b="c"', Drop(("a", Matcher("b", MatchOp.EQUAL, "c")))),
        ('| keep a !~ "b", c', Keep((Matcher("a", MatchOp.NOT_REGEX, "b"), "c"))),
        ('|= "a"', LineFilter(FilterOp.CONTAINS, (FilterText("a"),))),
        (
            '|~ "a" or "b" or ip("::1")',
            LineFilter(
                FilterOp.MATCHES, (FilterText("a"), FilterText("b"), FilterText("::1", is_ip=True))
            ),
        ),
        ("|> `<_> a`", LineFilter(FilterOp.PATTERN, (FilterText("<_> a"),))),
    ],
)
def test_stages(text: str, expected: Stage) -> None:
    assert stages(text) == (expected,)


def test_negative_filters_are_one_for_each_text() -> None:
    lacks = [LineFilter(FilterOp.LACKS, (FilterText(text),)) for text in "ab"]
    assert stages('!= "a" or "b" | json') == (*lacks, Json())


def number(op: CompareOp, unit: Unit, value: float) -> NumberCondition:
    return NumberCondition("a", op, unit, value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > 5", number(CompareOp.GREATER, Unit.NUMBER, 5)),
        ("a >= -.5", number(CompareOp.GREATER_EQUAL, Unit.NUMBER, -0.5)),
        ("a = +1e3", number(CompareOp.EQUAL, Unit.NUMBER, 1000)),
        ("a == 1.5s", number(CompareOp.EQUAL, Unit.DURATION, 1.5)),
        ("a != 1d", number(CompareOp.NOT_EQUAL, Unit.DURATION, 86400)),
        ("a < 20KB", number(CompareOp.LESS, Unit.BYTES, 20_000)),
        ("a <= 1KiB", number(CompareOp.LESS_EQUAL, Unit.BYTES, 1024)),
        ('a = ip("10.0.0.0/8")', IpCondition("a", is_negated=False, text="10.0.0.0/8")),
        ('a != ip("::1")', IpCondition("a", is_negated=True, text="::1")),
        ('a =~ "x"', TextCondition(Matcher("a", MatchOp.REGEX, "x"))),
    ],
)
def test_conditions(text: str, expected: object) -> None:
    assert stages(f"| {text}") == (LabelFilter(expected),)  # type: ignore[arg-type]


def test_values_keep_their_text() -> None:
    (found,) = stages("| a > 1h30m")
    assert isinstance(found, LabelFilter)
    assert isinstance(found.condition, NumberCondition)
    assert found.condition.text == "1h30m"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A and B or C", EitherCondition(BothConditions(A, B), C)),
        ("A or B and C", EitherCondition(A, BothConditions(B, C))),
        ("A and B and C", BothConditions(BothConditions(A, B), C)),
        ("A or B or C", EitherCondition(EitherCondition(A, B), C)),
        ("A, B or C", BothConditions(A, EitherCondition(B, C))),
        ("A or B, C", EitherCondition(A, BothConditions(B, C))),
        ("A and B, C and D", BothConditions(A, BothConditions(B, BothConditions(C, D)))),
        ("A B or C", BothConditions(A, EitherCondition(B, C))),
        ("(A or B) C", BothConditions(EitherCondition(A, B), C)),
    ],
)
def test_what_binds_tighter(text: str, expected: object) -> None:
    for name in "ABCD":
        text = text.replace(name, f'{name.lower()}="1"')
    assert stages(f"| {text}") == (LabelFilter(expected),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("| json,", "unexpected ,"),
        ("| json a=b", "unexpected IDENTIFIER, expecting STRING"),
        ("| regexp", "unexpected $end, expecting STRING"),
        ("| label_format a", "unexpected $end, expecting ="),
        ("| label_format a=1", "unexpected NUMBER, expecting IDENTIFIER or STRING"),
        ("| keep", "unexpected $end, expecting IDENTIFIER"),
        ("| a", "unexpected $end"),
        ('| a > "5"', "unexpected STRING"),
        ("| a > 5 and", "unexpected $end, expecting IDENTIFIER or ("),
        ('| a > ip("x")', "unexpected ip"),
        ("| a = ip(5)", "unexpected NUMBER, expecting STRING"),
        ("| ", "unexpected $end"),
        ('|= "a" or', "unexpected $end, expecting STRING or ip"),
        ("| unwrap a", "unexpected unwrap"),
    ],
)
def test_what_does_not_fit(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        stages(text)
    assert str(caught.value).split("\n")[0].endswith(f"syntax error: {message}")


def test_numbers_that_are_none() -> None:
    with pytest.raises(BadInput, match="parse error : unable to parse literal as a float"):
        stages("| a > 1e999")


def test_long_chains_are_read_and_longer_ones_refused() -> None:
    assert stages("| " + ", ".join(['a="1"'] * 250))
    with pytest.raises(BadInput, match="more than 250 operations"):
        stages("| " + " or ".join(['a="1"'] * 252))
