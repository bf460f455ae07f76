"""What queries ask of spans."""

from __future__ import annotations

import pytest

from appliance.traceql import ast
from appliance.traceql.parser import parse_query
from appliance.traceql.pipeline.conditions import Condition, Conditions, conditions_of


def asked(text: str) -> Conditions:
    pipeline = parse_query(text).pipeline
    assert pipeline is not None
    return conditions_of(pipeline)


def said(conditions: list[Condition]) -> list[str]:
    texts = []
    for one in conditions:
        name = one.field.name if isinstance(one.field, ast.Attribute) else ""
        if isinstance(one.field, ast.IntrinsicField):
            name = one.field.intrinsic.value
        op = one.op.value if one.op is not None else ""
        operand = "" if one.operand is None else str(one.operand.value)
        texts.append(" ".join(filter(None, (name, op, operand))))
    return texts


@pytest.mark.parametrize(
    ("text", "first", "needs_all"),
    [
        ("{ }", [""], True),
        ("{ span.a = 1 && span.b > 2 }", ["a = 1", "b > 2"], True),
        ("{ 2 < span.b }", ["b > 2"], True),
        ("{ span.a = 1 || span.b = 2 }", ["a = 1", "b = 2"], False),
        ("{ .a = 1 }", ["a = 1"], False),
        ("{ span.a }", ["a"], True),
        ("{ span.a != nil && span.b = nil }", ["a != nil", "b = nil"], True),
        ("{ !(span.a = 1) }", ["a = 1"], True),
        ("{ span.a + 1 = 2 }", ["a"], True),
        ("{ span.a = span.b }", ["a", "b"], True),
        ("{ span.a = 1 } | { span.b = 2 }", ["a = 1", "b = 2"], True),
        ("{ span.a = 1 } > { span.b = 2 }", ["", "a = 1", "b = 2"], False),
        ("{ span.a = 1 } && { span.b = 2 }", ["a = 1", "b = 2"], False),
        ("{ span.a = 1 } | avg(span.b) > 2", ["a = 1", "b"], False),
        ("{ span.a = 1 } | by(span.b)", ["a = 1", "b"], False),
    ],
)
def test_conditions_of_the_first_reading(text: str, first: list[str], needs_all: bool) -> None:  # noqa: FBT001 - a case
    found = asked(text)
    assert said(found.first) == first
    assert found.needs_all is needs_all
    assert found.second == []


def test_from_select_on_fields_are_read_in_the_end() -> None:
    found = asked("{ span.a = 1 } | select(span.b, kind) | count() > 1 | { span.c = 2 }")
    assert said(found.first) == ["a = 1"]
    assert said(found.second) == ["b", "span:kind", "c = 2"]
    assert found.needs_all
