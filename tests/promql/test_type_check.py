"""Types, numbers of arguments, and what else Prometheus checks in a tree."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.promql.parser import parse

ERRORS = [
    ("{}", "1:1", "vector selector must contain at least one non-empty matcher"),
    ('{a=~".*",b=""}', "1:1", "vector selector must contain at least one non-empty matcher"),
    ('a{__name__="b"}', "1:1", 'metric name must not be set twice: "a" or "b"'),
    ('a{"b"}', "1:1", 'metric name must not be set twice: "a" or "b"'),
    (
        "rate(a)",
        "1:6",
        'expected type range vector in call to function "rate", got instant vector',
    ),
    ("rate(a[5m], 1)", "1:1", 'expected 1 argument(s) in call to "rate", got 2'),
    ("round(a,1,2)", "1:1", 'expected at most 2 argument(s) in call to "round", got 3'),
    ("label_join(a)", "1:1", 'expected at least 3 argument(s) in call to "label_join", got 1'),
    (
        'label_join(a, "b", "c", "d", 1)',
        "1:30",
        'expected type string in call to function "label_join", got scalar',
    ),
    ("info(a,b)", "1:8", "expected label selectors only, got vector selector instead"),
    ("info(a,-b)", "1:8", "expected label selectors only"),
    (
        "info(a,1)",
        "1:1",
        'expected type instant vector in call to function "info", got scalar',
    ),
    ('topk("a", b)', "1:6", "expected type scalar in aggregation parameter, got string"),
    ("count_values(1, a)", "1:14", "expected type string in aggregation parameter, got scalar"),
    (
        "sum(a[5m])",
        "1:5",
        "expected type instant vector in aggregation expression, got range vector",
    ),
    ("1 > 2", "1:3", "comparisons between scalars must use BOOL modifier"),
    ("1 + bool 2", "1:3", "bool modifier can only be used on comparison operators"),
    ("a </ bool 2", "1:3", "bool modifier can only be used on comparison operators"),
    (
        "a + on(x) group_left(x) b",
        "1:3",
        'label "x" must not occur in ON and GROUP clause at once',
    ),
    ('"a" + 1', "1:1", "binary expression must contain only scalar and instant vector types"),
    ("1 + a[5m]", "1:5", "binary expression must contain only scalar and instant vector types"),
    ("1 + on(x) 2", "1:1", "vector matching only allowed between instant vectors"),
    (
        "a + fill(0) 2",
        "1:1",
        "filling in missing series only allowed between instant vectors",
    ),
    ("a and on(x) group_left b", "1:1", 'no grouping allowed for "and" operation'),
    ("a and fill(0) b", "1:1", "filling in missing series not allowed for set operators"),
    ("a and 1", "1:1", 'set operator "and" not allowed in binary scalar expression'),
    (
        '-"a"',
        "1:1",
        (
            "unary expression only allowed on expressions of type scalar or instant vector,"
            ' got "string"'
        ),
    ),
    ("a[5m][5m:]", "1:1", "subquery is only allowed on instant vector, got matrix instead"),
    ("1[5m:]", "1:1", "subquery is only allowed on instant vector, got scalar instead"),
]


@pytest.mark.parametrize(("text", "place", "message"), ERRORS)
def test_errors_in_prometheus_words(text: str, place: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert caught.value.message == f"{place}: parse error: {message}"


def test_the_first_error_counts() -> None:
    with pytest.raises(BadInput, match=r"^1:10: .* got instant vector$"):
        parse('sum(rate((up)) + "a")')


@pytest.mark.parametrize("text", ["1 + on() 2", "label_join(a, 'b', 'c')", "round(a)", "hour()"])
def test_what_may_be_left_out(text: str) -> None:
    assert str(parse(text))
