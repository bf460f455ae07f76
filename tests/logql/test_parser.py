"""Reading LogQL."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.logql.ast import FilterOp, LineFilter, Pipeline
from appliance.logql.parser import parse, parse_matchers
from appliance.model.matcher import Matcher, MatchOp

CONTAINS, LACKS = FilterOp
APP = Matcher("app", MatchOp.EQUAL, "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{app="x"}', Pipeline((APP,))),
        ("( { app = `x` , } )", Pipeline((APP,))),
        (
            '{app="x",a!="1",b=~"2",c!~"3"}',
            Pipeline(
                (
                    APP,
                    Matcher("a", MatchOp.NOT_EQUAL, "1"),
                    Matcher("b", MatchOp.REGEX, "2"),
                    Matcher("c", MatchOp.NOT_REGEX, "3"),
                )
            ),
        ),
        (
            '{app="x"} |= "a\\n" != `b"\\n` |=""',
            Pipeline(
                (APP,),
                (LineFilter(CONTAINS, "a\n"), LineFilter(LACKS, 'b"\\n'), LineFilter(CONTAINS, "")),
            ),
        ),
    ],
)
def test_queries(text: str, expected: Pipeline) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, col 1: syntax error: unexpected $end"),
        ("{", "line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }"),
        ('{app="x"', "line 1, col 9: syntax error: unexpected $end, expecting } or ,"),
        ("{app}", "line 1, col 5: syntax error: unexpected }, expecting = or =~ or !~ or !="),
        ("{app=x}", "line 1, col 6: syntax error: unexpected IDENTIFIER, expecting STRING"),
        ('{"a"="x"}', "line 1, col 2: syntax error: unexpected STRING, expecting IDENTIFIER or }"),
        ('{by="x"}', "line 1, col 2: syntax error: unexpected by, expecting IDENTIFIER or }"),
        ('{app="x"}\n foo', "line 2, col 2: syntax error: unexpected IDENTIFIER"),
        ('{app="x"} |=', "line 1, col 13: syntax error: unexpected $end, expecting STRING"),
        ('{app="x"} |= 5', "line 1, col 14: syntax error: unexpected NUMBER, expecting STRING"),
        ('{app="\\q"}', "line 1, col 6: invalid char escape"),
        ('{app="x}', "line 1, col 6: literal not terminated"),
        ('({app="x"}', "line 1, col 11: syntax error: unexpected $end"),
    ],
)
def test_errors_in_lokis_words(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert caught.value.message == "parse error at " + message


@pytest.mark.parametrize("text", ["{}", '{a=""}', '{a=~".*"}', '{a!="x"}', '{a!~"x"}'])
def test_something_has_to_be_selected(text: str) -> None:
    with pytest.raises(BadInput, match="parse error : queries require at least one"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        'count_over_time({app="x"}[5m])',
        '(sum by (a) (rate({app="x"}[5m])))',
        "1 + 1",
        '{app="x"} | json',
        '{app="x"} |~ "a"',
        '{app="x"} |= "a" or "b"',
        '{app="x"} |= ip("1.1.1.1")',
        '({app="x"} | json)',
    ],
)
def test_what_comes_later_says_so(text: str) -> None:
    with pytest.raises(BadInput, match=r"parse error at line 1, col \d+: .* is not available yet"):
        parse(text)


def test_broken_expressions_are_refused() -> None:
    with pytest.raises(BadInput, match="^parse error : error parsing regexp"):
        parse('{app=~"("}')


def test_selectors_of_the_label_apis() -> None:
    assert parse_matchers('{app="x"}') == (APP,)
    for text in ('{app="x"} |= "a"', "app", '({app="x"})', ""):
        with pytest.raises(BadInput):
            parse_matchers(text)
