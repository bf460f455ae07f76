"""Reading LogQL: whole queries, and what is refused in which words."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.logql.ast import (
    FilterOp,
    FilterText,
    LineFilter,
    Literal,
    LogRange,
    Pipeline,
    RangeAggregation,
)
from appliance.logql.parser import parse, parse_log, parse_matchers
from appliance.logql.printer import print_query
from appliance.model.matcher import Matcher, MatchOp

APP = Matcher("app", MatchOp.EQUAL, "x")
NEEDS_MATCHER = "queries require at least one regexp or equality matcher"


@pytest.mark.parametrize("text", ['{app="x"}', "( { app = `x` } )", '\t{app="\\u0078"} # all'])
def test_selectors(text: str) -> None:
    assert parse(text) == Pipeline((APP,))


def test_matchers() -> None:
    found = parse('{app="x",a!="1",b=~"2",c!~"3"}')
    assert found == Pipeline(
        (
            APP,
            Matcher("a", MatchOp.NOT_EQUAL, "1"),
            Matcher("b", MatchOp.REGEX, "2"),
            Matcher("c", MatchOp.NOT_REGEX, "3"),
        )
    )


def test_positions_are_offsets_in_the_text() -> None:
    found = parse('sum(rate({app="x"} |= "a" [5m]))')
    aggregation = found.expr  # type: ignore[union-attr]
    assert isinstance(aggregation, RangeAggregation)
    assert (found.position, aggregation.position, aggregation.range.position) == (0, 4, 9)
    assert aggregation.range.pipeline.stages[0].position == 19


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "parse error : syntax error: unexpected $end"),
        ("{", "at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }"),
        ('{app="x"', "at line 1, col 9: syntax error: unexpected $end, expecting } or ,"),
        ("{app}", "at line 1, col 5: syntax error: unexpected }, expecting = or =~ or !~ or !="),
        (
            '{app=="x"}',
            "at line 0, col 5: syntax error: unexpected ==, expecting = or =~ or !~ or !=",
        ),
        ("{app=x}", "at line 1, col 6: syntax error: unexpected IDENTIFIER, expecting STRING"),
        (
            '{"a"="x"}',
            "at line 1, col 2: syntax error: unexpected STRING, expecting IDENTIFIER or }",
        ),
        ('{by="x"}', "at line 1, col 2: syntax error: unexpected by, expecting IDENTIFIER or }"),
        ('{a="x",}', "at line 1, col 8: syntax error: unexpected }, expecting IDENTIFIER"),
        ('{app="x"}\n foo', "at line 2, col 2: syntax error: unexpected IDENTIFIER"),
        (
            '{app="x"} |=',
            "at line 1, col 13: syntax error: unexpected $end, expecting STRING or ip",
        ),
        (
            '{ü="x"} |= 5',
            "at line 1, col 12: syntax error: unexpected NUMBER, expecting STRING or ip",
        ),
        ('{app="\\q"}', "at line 1, col 6: invalid char escape"),
        ('{app="x}', "at line 1, col 6: literal not terminated"),
        ('rate({app="x"}[5)', "at line 0, col 15: missing closing ']' in duration"),
        ('({app="x"}', "at line 1, col 11: syntax error: unexpected $end"),
        ('{app="x"} | logfmt --bogus', "at line 1, col 22: syntax error: unexpected IDENTIFIER"),
        ('{app=~"("}', "parse error : error parsing regexp: missing closing ): `(`"),
    ],
)
def test_what_does_not_fit(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert (
        str(caught.value)
        .removeprefix("parse error ")
        .startswith(message.removeprefix("parse error "))
    )


def test_errors_know_where() -> None:
    with pytest.raises(BadInput) as caught:
        parse('{app="x"} |=\n 5')
    assert caught.value.position == 14


@pytest.mark.parametrize("text", ["(" * 101 + "1" + ")" * 101, "1" + " + vector(1)" * 251])
def test_depth_is_bounded(text: str) -> None:
    with pytest.raises(BadInput, match="nested more than|more than 250 operations"):
        parse(text)


@pytest.mark.parametrize("text", ["(" * 90 + "vector(1)" + ")" * 90, "1" + " + vector(1)" * 240])
def test_what_is_deep_is_read(text: str) -> None:
    assert print_query(parse(text)).count("vector(1") == max(1, text.count("+"))


def test_long_texts_are_refused() -> None:
    with pytest.raises(BadInput, match=r"parse error : input size too long \(131072 > 131072\)"):
        parse("1" * 131_072)


@pytest.mark.parametrize(
    "text", ["{}", '{app=~".*"}', '{app!="x"}', '{app=""}', '{app=~""}', 'rate({app!~"x|y"}[5m])']
)
def test_selectors_that_take_everything(text: str) -> None:
    with pytest.raises(BadInput, match=NEEDS_MATCHER):
        parse(text)


def test_log_queries() -> None:
    expected = Pipeline((APP,), (LineFilter(FilterOp.CONTAINS, (FilterText("a"),)),))
    assert parse_log('{app="x"} |= "a"') == expected
    with pytest.raises(BadInput, match="only log selector is supported"):
        parse_log("1")


def test_matchers_alone() -> None:
    assert parse_matchers('{app="x"}') == (APP,)
    assert parse_matchers("{}", may_be_empty=True) == ()
    with pytest.raises(BadInput, match=NEEDS_MATCHER):
        parse_matchers("{}")
    for text in ('{app="x"} |= "a"', "1"):
        with pytest.raises(BadInput, match="only label matchers are supported"):
            parse_matchers(text)


def test_the_same_text_is_read_once() -> None:
    assert parse('{app="once"}') is parse('{app="once"}')


def test_literals_and_ranges() -> None:
    assert parse("-1.5") == Literal(-1.5)
    assert parse('rate({app="x"}[1h30m])') == RangeAggregation(
        "rate", LogRange(Pipeline((APP,)), 5400 * 10**9)
    )
