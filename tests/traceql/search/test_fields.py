"""Which fields answers show."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from appliance.traceql.block import Block
from appliance.traceql.parser import parse_query
from appliance.traceql.pipeline.conditions import conditions_of
from appliance.traceql.search.fields import shown_fields
from tests.spans import PlainColumns, PlainEvent, PlainLink, PlainSpan

SPAN = PlainSpan(
    1,
    2,
    "get",
    "web",
    status=2,
    kind=3,
    start_ns=100,
    attributes={
        "a": 1,
        "b": "x",
        "many": ["one", "two", "three"],
        "numbers": [1, 2],
        "here": "span",
        "half": 0.5,
        "on": True,
    },
    resource={"here": "resource", "team": "ops"},
    status_message="broken",
    events=[
        PlainEvent("first", 101, {"n": 1}),
        PlainEvent("second", 103, {"n": 2, "only": "one"}),
        PlainEvent("first", 105, {"n": 3}),
    ],
    links=[PlainLink(7, 8, {"n": 1})],
    scope_name="lib",
    scope_version="2",
    scope={"lang": "py"},
)


def shown(text: str) -> list[tuple[str, Any]]:
    pipeline = parse_query(text).pipeline
    assert pipeline is not None
    block = Block(PlainColumns([SPAN]))
    found = []
    for field in shown_fields(conditions_of(pipeline)):
        (value,) = field.values(block, np.array([0]))
        if value is not None:
            found.append((field.key, getattr(value.value, "name", value.value)))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ }", []),
        ("{ span.a = 1 }", [("a", 1)]),
        ("{ span.a = 2 }", []),
        ("{ span.a = 2 || span.half > 0.1 }", [("half", 0.5)]),
        # Attributes of a scope are read with all tests of values of their type.
        ('{ span.a = 2 || span.b = "y" || span.half = 1 }', [("a", 1)]),
        ("{ span.a = 2 } || { span.on }", [("a", 1), ("on", True)]),
        ('{ resource.service.name = "no" || resource.team = "ops" }', [("team", "ops")]),
        ("{ span.a > 5 } | select(span.a)", [("a", 1)]),
        ("{ } | by(span.b)", [("b", "x")]),
        ("{ } | avg(span.half) > 0", [("half", 0.5)]),
        ("{ span.half * 2 = 1.0 }", [("half", 0.5)]),
        ('{ name = "get" && kind = client }', [("name", "get"), ("kind", "CLIENT")]),
        ('{ name = "other" || status = error }', [("status", "ERROR")]),
        (
            "{ } | select(span:status, span:statusMessage)",
            [("status", "ERROR"), ("statusMessage", "broken")],
        ),
        ("{ duration > 1ns && trace:duration > 1ns && rootName = `get` }", []),
        ("{ } | select(span:id, trace:id, duration, span:parentID)", [("span:parentID", "0" * 16)]),
        (
            "{ } | select(nestedSetLeft, span:childCount)",
            [("nestedSetLeft", 1), ("span:childCount", 0)],
        ),
        ("{ } > { }", []),
        # What a structural operator reads is shown of all spans, if the query speaks of it.
        ("{ nestedSetParent > 5 } > { }", [("nestedSetParent", -1)]),
        ("{ nestedSetParent > 5 } ~ { }", [("nestedSetParent", -1)]),
        ("{ nestedSetParent > 5 } >> { }", []),
        ("{ nestedSetRight > 5 } !<< { }", [("nestedSetRight", 2)]),
        ('{ .here = "span" }', [("here", "span")]),
        ('{ .here =~ ".*s.*" }', [("here", "span"), ("here", "resource")]),
        ("{ .nope = nil }", [("nope", "nil"), ("nope", "nil")]),
        ("{ .team = nil }", [("team", "nil")]),
        ("{ span.a = nil }", []),
        ("{ span.a != nil }", [("a", 1)]),
        # Of arrays what matches.
        ('{ span.many =~ "t.*" }', [("many", ("two", "three"))]),
        ('{ span.many = "one" }', [("many", "one")]),
        ('{ span.many = "one" || span.many = "two" }', [("many", ("one", "two"))]),
        ("{ span.numbers > 1 }", [("numbers", 2)]),
        ("{ } | select(span.numbers)", [("numbers", (1, 2))]),
        # Of events and links the last one that matches.
        ("{ event.n > 0 }", [("n", 3)]),
        ("{ event.n < 3 }", [("n", 2)]),
        ('{ event.n > 0 && event:name = "second" }', [("n", 2), ("event:name", "second")]),
        ('{ event.n > 0 || event:name = "second" }', [("n", 3), ("event:name", "second")]),
        (
            "{ } | select(event.only, event:timeSinceStart)",
            [("only", "one"), ("event:timeSinceStart", 5)],
        ),
        ("{ link.n = 1 && link:spanID != `` }", [("n", 1), ("link:spanID", "0000000000000008")]),
        (
            "{ instrumentation.lang != nil && instrumentation:name = `lib` }",
            [("lang", "py"), ("instrumentation:name", "lib")],
        ),
    ],
)
def test_fields(text: str, expected: list[tuple[str, Any]]) -> None:
    assert shown(text) == expected


def test_spans_without_events_show_none() -> None:
    conditions = conditions_of(parse_query("{ } | select(event.n)").pipeline)  # type: ignore[arg-type]  # a search
    (field,) = shown_fields(conditions)
    block = Block(PlainColumns([SPAN, PlainSpan(2, 1), PlainSpan(2, 2)]))
    values = field.values(block, np.array([0, 1, 2]))
    assert [value and value.value for value in values] == [3, None, None]


def test_many_fields_are_told_apart_quickly() -> None:
    names = [f".a{number}" for number in range(4000)]
    started = time.process_time()
    for text in ("{ " + " && ".join(names) + " }", f"{{ }} | select({', '.join(names)})"):
        pipeline = parse_query(text).pipeline
        assert pipeline is not None
        assert len(shown_fields(conditions_of(pipeline))) == 8000
    assert time.process_time() - started < 4


def test_what_is_said_twice_is_asked_once() -> None:
    pipeline = parse_query("{ .a = 1 || .b = 2 || .a = 1 || .a = 2 } | select(.c, .c)").pipeline
    assert pipeline is not None
    conditions = conditions_of(pipeline)
    assert (len(conditions.first), len(conditions.second)) == (3, 1)
