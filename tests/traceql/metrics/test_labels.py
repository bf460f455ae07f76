"""Labels as answers show and order them."""

from __future__ import annotations

import random

import pytest

from appliance.traceql.metrics.labels import Labels, expressible, group_labels, sort_key, tie_key
from appliance.traceql.static import FALSE, NIL, TRUE, Kind, Static, Status, Type


def text(value: str) -> Static:
    return Static(Type.STRING, value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (NIL, text("nil")),
        (Static(Type.STATUS, Status.ERROR), text("error")),
        (Static(Type.KIND, Kind.SERVER), text("server")),
        (Static(Type.DURATION, 1_500_000_000), text("1.5s")),
        (Static(Type.INT, 3), Static(Type.INT, 3)),
        (TRUE, TRUE),
        (text(""), text("")),
    ],
)
def test_values_without_a_type_in_answers_become_text(value: Static, shown: Static) -> None:
    assert expressible(value) == shown


def test_a_nil_has_no_label() -> None:
    values = [text("x"), NIL, Static(Type.INT, 1)]
    assert group_labels(["a", "b", "c"], values) == (("a", text("x")), ("c", Static(Type.INT, 1)))


def test_answers_are_ordered_by_number_of_labels_names_and_printed_values() -> None:
    ordered: list[Labels] = [
        (("a", FALSE),),
        (("a", TRUE),),
        (("a", Static(Type.FLOAT, 0.5)),),
        (("a", Static(Type.INT, 10)),),
        (("a", Static(Type.INT, 9)),),
        (("a", text('say "x"')),),
        (("a", text("straße")),),
        (("b", text("")),),
        (("a", text("")), ("b", text(""))),
    ]
    mixed = ordered.copy()
    random.Random(3).shuffle(mixed)
    assert sorted(mixed, key=sort_key) == ordered


def test_of_equals_texts_ascend_and_the_greater_number_is_first() -> None:
    first_to_last: list[Labels] = [
        (),
        (("a", Static(Type.FLOAT, 1.0)),),
        (("a", Static(Type.INT, -1)),),
        (("a", Static(Type.INT, 10)),),
        (("a", Static(Type.INT, 9)),),
        (("a", text("x")),),
        (("a", text("x")), ("b", text("y"))),
        (("a", text("z")),),
    ]
    mixed = first_to_last.copy()
    random.Random(5).shuffle(mixed)
    assert sorted(mixed, key=tie_key) == first_to_last


def test_the_name_of_a_series_decides_nothing() -> None:
    assert tie_key((("__name__", text("rate")),)) == ()
