from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.logql.stages.regex_shape import comparisons
from appliance.logql.stages.text_test import text_test
from appliance.model.matcher import Matcher, MatchOp


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ("foo", ["=foo"]),
        ("a.*", ["a"]),
        (".*foo.*", ["foo"]),
        (".*?foo", ["foo"]),
        ("error|warn", ["=error", "=warn"]),
        ("(error|warn)", ["=error", "=warn"]),
        ("error|err", ["error", "err"]),
        ("bar|b|buzz", ["bar", "b", "buzz"]),
        ("foo(bar|qux)", ["foobar", "fooqux"]),
        ("foo|", ["=foo"]),
        ("foo|.*", ["=foo"]),
        ("", []),
        (".*", []),
        ("x\\.y", ["=x.y"]),
        ("(?i)Error", ["=error"]),
        ("a|b", None),
        ("web-1|web-2", None),
        ("foo(bar|baz)", None),
        ("a.*b", None),
        ("[0-9]+", None),
        ("^foo", None),
        ("fo+", None),
        ("a.b", None),
        ("(?s).*x", None),
    ],
)
def test_shapes(expression: str, texts: list[str] | None) -> None:
    found = comparisons(expression)

    shown = None if found is None else [f"={c.text}" if c.is_whole else c.text for c in found]
    assert shown == texts


@pytest.mark.parametrize(
    ("expression", "accepted", "refused"),
    [
        ("a.*", ["a", "xay", "a\nb"], ["b", ""]),
        ("error|warn", ["error", "warn"], ["errors", ""]),
        ("(?i)Error", ["ERROR"], ["errors"]),
        ("web-[12]", ["web-1"], ["my-web-1", "web-3"]),
        ("a.b", ["axb"], ["a\nb"]),
        (".+", ["x"], [""]),
        ("", ["", "x"], []),
    ],
)
def test_values(expression: str, accepted: list[str], refused: list[str]) -> None:
    holds = text_test(Matcher("a", MatchOp.REGEX, expression))
    fails = text_test(Matcher("a", MatchOp.NOT_REGEX, expression))

    assert [value for value in [*accepted, *refused] if holds(value)] == accepted
    assert [value for value in [*accepted, *refused] if fails(value)] == refused


def test_broken_expressions_are_refused() -> None:
    with pytest.raises(BadInput, match="error parsing regexp"):
        text_test(Matcher("a", MatchOp.REGEX, "(a"))
