"""Fields of spans as columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from appliance.model.trace import AttributeValue, Dictionary, NumberValues
from appliance.traceql import ast
from appliance.traceql.ast import Intrinsic, Scope
from appliance.traceql.block import Block
from appliance.traceql.column import Coded
from appliance.traceql.expressions.values import statics_of
from appliance.traceql.fields import field_column
from appliance.traceql.fields_attributes import typed_column
from appliance.traceql.static import NIL, Kind, Static, StaticValue, Status, Type
from tests.spans import Attributes, PlainColumns, PlainEvent, PlainLink, PlainSpan

TRACE = 0x00AB << 100


def values(field: ast.Field, *spans: PlainSpan) -> list[Static]:
    """A field of spans, in the order of trace and start."""
    block = Block(PlainColumns(spans))
    return statics_of(field_column(field, block), np.arange(block.count))


def plain(field: ast.Field, *spans: PlainSpan) -> list[StaticValue]:
    return [static.value for static in values(field, *spans)]


def span(number: int, **given: Attributes | str | int) -> PlainSpan:
    return PlainSpan(TRACE, number, start_ns=number, **given)  # type: ignore[arg-type]  # fields


def attribute(name: str, scope: str = "span", *, is_parent: bool = False) -> ast.Attribute:
    return ast.Attribute(name, Scope(scope), is_parent)


def intrinsic(one: Intrinsic, *, is_parent: bool = False) -> ast.IntrinsicField:
    return ast.IntrinsicField(one, is_parent)


@pytest.mark.parametrize("scope", ["span", "resource", "instrumentation"])
def test_attributes_are_of_one_scope(scope: str) -> None:
    given = {"attributes": {"a": "span"}, "resource": {"a": "resource"}, "scope": {"a": "scope"}}
    expected = {"instrumentation": "scope"}.get(scope, scope)
    assert plain(attribute("a", scope), span(1, **given), span(2)) == [expected, None]
    assert values(attribute("b", scope), span(1, **given)) == [NIL]


def test_an_attribute_without_scope_is_the_spans_else_the_resources() -> None:
    found = plain(
        attribute("a", ""),
        span(1, attributes={"a": "x"}, resource={"a": "y"}),
        span(2, resource={"a": "y"}),
        span(3, attributes={"a": "y"}),
        span(4, scope={"a": "z"}),
        span(5, attributes={"a": {"k": 1}}, resource={"a": "y"}),
    )
    assert found == ["x", "y", "y", None, None]


def test_equal_values_of_both_scopes_are_one() -> None:
    spans = span(1, attributes={"a": "y"}), span(2, resource={"a": "y"})
    column = field_column(attribute("a", ""), Block(PlainColumns(spans)))
    assert isinstance(column, Coded)
    assert column.ids.tolist() == [0, 0]


def test_values_of_several_types_keep_them() -> None:
    given = ["1", 1, 1.0, True, [1, 2], [1], {"k": 1}, b"x", [], [1, "x"]]
    found = values(attribute("a"), *(span(n, attributes={"a": v}) for n, v in enumerate(given)))
    assert [static.type for static in found] == [
        Type.STRING, Type.INT, Type.FLOAT, Type.BOOLEAN, Type.INT_ARRAY, Type.INT,
        Type.NIL, Type.NIL, Type.NIL, Type.NIL,
    ]  # fmt: skip
    assert found[4].value == (1, 2)
    assert found[5] == found[1]


@pytest.mark.parametrize("repeated", [["a", "b", "a"], NumberValues(np.array([7, 8, 7]))])
def test_values_that_were_encoded_differently_are_one(repeated: Sequence[AttributeValue]) -> None:
    columns = PlainColumns([span(1), span(2), span(3)])
    ids = np.array([0, 2, -1], np.int32)
    column = typed_column(Dictionary(ids, repeated), columns, "test")
    assert column.ids.tolist() == [0, 0, -1]
    assert [static.value for static in column.values] == list(repeated[:2])


def test_a_resource_without_a_service_has_the_empty_name() -> None:
    nameless = span(1, resource={"service.name": 5})
    assert plain(attribute("service.name", "resource"), nameless, span(2)) == [5, "shop"]


def test_statuses_and_kinds_are_named() -> None:
    spans = [span(n, status=n, kind=n) for n in range(7)]
    statuses = [Status.UNSET, Status.OK, Status.ERROR, *[Status.UNSET] * 4]
    assert plain(intrinsic(Intrinsic.STATUS), *spans) == statuses
    assert plain(intrinsic(Intrinsic.KIND), *spans) == [*Kind, Kind.UNSPECIFIED]
    assert values(intrinsic(Intrinsic.STATUS), spans[0])[0].type is Type.STATUS
    assert values(intrinsic(Intrinsic.KIND), spans[0])[0].type is Type.KIND


def test_what_spans_say_of_themselves() -> None:
    one = span(0xAB, name="n", duration_ns=5, parent=7, status_message="m")
    one_and_bare = [one, PlainSpan(TRACE, 2**63, start_ns=999)]
    expected: dict[Intrinsic, tuple[StaticValue, StaticValue]] = {
        Intrinsic.NAME: ("n", "op"),
        Intrinsic.DURATION: (5, 1000),
        Intrinsic.STATUS_MESSAGE: ("m", ""),
        Intrinsic.SPAN_ID: ("00000000000000ab", "8000000000000000"),
        Intrinsic.PARENT_ID: ("0000000000000007", "0000000000000000"),
        Intrinsic.TRACE_ID: (f"{TRACE:x}", f"{TRACE:x}"),
        Intrinsic.INSTRUMENTATION_NAME: ("tests", "tests"),
        Intrinsic.INSTRUMENTATION_VERSION: ("", ""),
    }
    for field, wanted in expected.items():
        assert plain(intrinsic(field), *one_and_bare) == list(wanted), field


def test_what_their_traces_say() -> None:
    spans = [
        span(1, name="root", service="web", duration_ns=10),
        span(2, parent=1, duration_ns=30),
        PlainSpan(TRACE * 2, 3, parent=9),
    ]
    expected: dict[Intrinsic, list[StaticValue]] = {
        Intrinsic.TRACE_DURATION: [31, 31, 1000],
        Intrinsic.ROOT_NAME: ["root", "root", ""],
        Intrinsic.ROOT_SERVICE: ["web", "web", ""],
        Intrinsic.CHILD_COUNT: [1, 0, 0],
        Intrinsic.NESTED_SET_LEFT: [1, 2, 0],
        Intrinsic.NESTED_SET_RIGHT: [4, 3, 0],
        Intrinsic.NESTED_SET_PARENT: [-1, 1, 0],
    }
    for field, wanted in expected.items():
        assert plain(intrinsic(field), *spans) == wanted, field


def test_a_parents_fields_are_nil_where_it_is_not_here() -> None:
    spans = [
        span(1, attributes={"a": 1}, duration_ns=7),
        span(2, parent=1, attributes={"a": 2}),
        span(3, parent=2),
        span(4, parent=9),
    ]
    assert plain(attribute("a", is_parent=True), *spans) == [None, 1, 2, None]
    durations = plain(intrinsic(Intrinsic.DURATION, is_parent=True), *spans)
    assert durations == [None, 7, 1000, None]
    assert plain(intrinsic(Intrinsic.PARENT), *spans) == [None] * 4


EVENTS = (
    PlainEvent("start", 12, {"n": 1}),
    PlainEvent("end", 15, {"n": 2, "x": "y", "l": [1]}),
)
LINKS = (PlainLink(0xAB, 1, {"n": 1}), PlainLink(5, 6, {"m": 2}))


def test_of_events_and_links_the_first_that_has_a_value() -> None:
    spans = [span(10, events=EVENTS, links=LINKS), span(11), span(12, events=EVENTS[1:])]  # type: ignore[arg-type]  # fields
    expected: dict[ast.Field, list[StaticValue]] = {
        attribute("n", "event"): [1, None, 2],
        attribute("x", "event"): ["y", None, "y"],
        attribute("l", "event"): [1, None, 1],
        attribute("z", "event"): [None, None, None],
        attribute("n", "link"): [1, None, None],
        attribute("m", "link"): [2, None, None],
        intrinsic(Intrinsic.EVENT_NAME): ["start", None, "end"],
        intrinsic(Intrinsic.EVENT_TIME_SINCE_START): [2, None, 3],
        intrinsic(Intrinsic.LINK_TRACE_ID): ["ab", None, None],
        intrinsic(Intrinsic.LINK_SPAN_ID): ["0000000000000001", None, None],
    }
    for field, wanted in expected.items():
        assert plain(field, *spans) == wanted, field
