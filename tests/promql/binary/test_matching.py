"""Operators between vectors against Prometheus' loop over the elements of one step."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import QueryFailed
from appliance.model.labels import Labels
from appliance.promql.ast import Binary, Matching
from appliance.promql.binary import binary
from appliance.promql.frame import Frame
from tests.promql.vectors import VECTOR, cells, context, frame, frames, shown, texts
from tests.random_examples import examples

Rows = list[tuple[Labels, list[Any]]]
Element = tuple[Labels, float]
EXPONENTIAL = "count:3 sum:5 buckets:[1 2]"
CUSTOM = "schema:-53 count:3 sum:5 custom_values:[5 10] buckets:[1 2]"
OTHER_CUSTOM = "schema:-53 count:3 sum:5 custom_values:[10] buckets:[1 2]"


def run(
    op: str,
    left: Frame,
    right: Frame,
    *,
    returns_bool: bool = False,
    around: Any = None,
    **matching: Any,
) -> Frame:
    """An operator between vectors; matching: see `Matching`."""
    expr = Binary(op, VECTOR, VECTOR, returns_bool, Matching(**matching))
    found = binary(expr, left, right, around or context(left.values.shape[1]))
    assert isinstance(found, Frame)
    return found


@dataclass
class _Model:
    """Prometheus' VectorBinop for `+` and `>`, one step."""

    op: str
    matching: Matching
    found: list[Element] = field(default_factory=list)
    matched: dict[Labels, set[Labels]] = field(default_factory=dict)

    def key(self, labels: Labels) -> Labels:
        names = self.matching.labels
        if self.matching.on:
            return Labels(pair for pair in labels if pair[0] in names)
        return labels.without("__name__", *names)

    def run(self, left: list[Element], right: list[Element]) -> list[Element]:
        fills = self.matching.fill_left, self.matching.fill_right
        if (not left or not right) and fills == (None, None):
            return []
        if self.matching.cardinality == "one-to-many":
            left, right = right, left
        ones: dict[Labels, Element] = {}
        for element in right:
            if self.key(element[0]) in ones:
                raise QueryFailed("found duplicate series")
            ones[self.key(element[0])] = element
        for many in left:
            key = self.key(many[0])
            one = ones.get(key)
            if one is None and fills[1] is not None:
                one = (key, fills[1])
            if one is not None:
                self.add(many, one, key)
        for key, one in ones.items():
            if fills[0] is not None and key not in self.matched:
                self.add((key, fills[0]), one, key)
        return self.found

    def add(self, many: Element, one: Element, key: Labels) -> None:
        swapped = self.matching.cardinality == "one-to-many"
        left, right = (one, many) if swapped else (many, one)
        labels = self.labels(many[0], one[0])
        if self.matching.cardinality == "one-to-one" and key in self.matched:
            raise QueryFailed("multiple matches for labels: many-to-one matching must be explicit")
        if labels in self.matched.setdefault(key, set()):
            raise QueryFailed("multiple matches for labels: grouping labels")
        self.matched[key].add(labels)
        if self.op == "+":
            self.found.append((labels, left[1] + right[1]))
        elif left[1] > right[1]:
            self.found.append((labels, left[1]))

    def labels(self, many: Labels, one: Labels) -> Labels:
        found = many.without("__name__") if self.op == "+" else many
        if self.matching.cardinality == "one-to-one":
            names = self.matching.labels
            if self.matching.on:
                found = Labels(pair for pair in found if pair[0] in names)
            else:
                found = found.without(*names)
        return found.extended({name: one.get(name) for name in self.matching.include})


def _wanted(op: str, left: Rows, right: Rows, matching: Matching) -> dict[Labels, list[Any]]:
    found: dict[Labels, list[Any]] = {}
    for step in range(3):
        sides = [
            [(labels, values[step]) for labels, values in rows if values[step] is not None]
            for rows in (left, right)
        ]
        for labels, value in _Model(op, matching).run(*sides):
            row = found.setdefault(labels, [None] * 3)
            if row[step] is not None:
                raise QueryFailed("vector cannot contain metrics with the same labelset")
            row[step] = value
    return found


FILL = st.sampled_from([None, None, 5.0])
MATCHINGS = st.builds(
    Matching,
    st.sampled_from(["one-to-one", "many-to-one", "one-to-many"]),
    st.sampled_from([(), ("a",), ("b",), ("a", "b")]),
    st.booleans(),
    st.sampled_from([(), (), ("b",)]),
    FILL,
    FILL,
).filter(lambda found: not found.include or found.cardinality != "one-to-one")
SAMPLES = st.sampled_from([None, None, 1.0, 2.0, 3.0])


@examples(200)
@given(
    left=frames(("l", "m"), tame=True, most=4),
    right=frames(("r",), tame=True, most=4),
    matching=MATCHINGS,
    op=st.sampled_from(["+", ">"]),
)
def test_each_step_is_as_in_prometheus(
    left: Rows, right: Rows, matching: Matching, op: str
) -> None:
    expr = Binary(op, VECTOR, VECTOR, matching=matching)
    one, other = (frame(rows) if rows else Frame.empty(3) for rows in (left, right))
    try:
        wanted, failure = _wanted(op, left, right, matching), ""
    except QueryFailed as error:
        wanted, failure = {}, error.message
    if failure:
        # Of errors at several steps the first is told; the model finds the very same.
        with pytest.raises(QueryFailed, match="^" + re.escape(failure)):
            binary(expr, one, other, context(3))
        return
    found = binary(expr, one, other, context(3))
    assert isinstance(found, Frame)
    rows = dict(cells(found))
    assert rows.keys() == wanted.keys()
    for labels, values in wanted.items():
        assert [cell is None for cell in values] == [cell is None for cell in rows[labels]]
        np.testing.assert_equal(
            [cell for cell in rows[labels] if cell is not None],
            [cell for cell in values if cell is not None],
        )


def test_bool_marks_the_names_that_go() -> None:
    left, right = frame({'m{a="1"}': [1, 2]}), frame({'n{a="1"}': [2, 1]})
    found = run(">", left, right, returns_bool=True)
    assert shown(found) == {'m{a="1"}': [0.0, 1.0]}
    assert found.nameless is not None
    assert found.nameless.all()
    at_once = run(">", left, right, returns_bool=True, around=context(2, delayed=False))
    assert shown(at_once) == {'{a="1"}': [0.0, 1.0]}


def test_duplicates_are_told_sorted_with_their_side() -> None:
    one = frame({"n{}": [1]})
    many = frame({'m{x="2",a="b"}': [1], 'm{x="1"}': [2]})
    text = (
        "found duplicate series for the match group {{}} on the {} hand-side of the operation:"
        ' [{{__name__="m", a="b", x="2"}}, {{__name__="m", x="1"}}];many-to-many matching not'
        " allowed: matching labels must be unique on one side"
    )
    with pytest.raises(QueryFailed) as caught:
        run("+", one, many, on=True)
    assert str(caught.value) == text.format("right")
    with pytest.raises(QueryFailed) as caught:
        run("+", many, one, on=True, cardinality="one-to-many")
    assert str(caught.value) == text.format("left")


@pytest.mark.parametrize(
    ("matching", "message"),
    [
        ({}, "many-to-one matching must be explicit (group_left/group_right)"),
        (
            {"cardinality": "many-to-one", "include": ("x",)},
            "grouping labels must ensure unique matches",
        ),
    ],
)
def test_several_matches_on_the_many_side(matching: dict[str, Any], message: str) -> None:
    many = frame({'m{x="1"}': [None, 1], 'm{x="2"}': [1, 2]})
    one = frame({"n{}": [1, 9]})
    # A filter that lets nothing through fails as well.
    with pytest.raises(QueryFailed) as caught:
        run(">", many, one, on=True, **matching)
    assert str(caught.value) == f"multiple matches for labels: {message}"


def test_an_operator_that_cannot_take_histograms_says_so() -> None:
    around = context(2, text="a + b")
    left, right = frame({"m": [EXPONENTIAL, 1]}), frame({"n": [1, 2]})
    assert shown(run("+", left, right, around=around)) == {"{}": [None, 3.0]}
    text = "PromQL info: incompatible sample types encountered for binary operator"
    assert texts(around) == [f'{text} "+": histogram + float (1:1)']


def test_histograms_of_two_schemas_are_warned_of() -> None:
    around = context(1)
    assert shown(run("-", frame({"m": [EXPONENTIAL]}), frame({"n": [CUSTOM]}), around=around)) == {}
    assert texts(around) == [
        "PromQL warning: incompatible bucket layout encountered for binary operator -"
    ]


def test_custom_bounds_are_reconciled_with_an_info() -> None:
    around = context(1)
    found = run("+", frame({"m": [CUSTOM]}), frame({"n": [OTHER_CUSTOM]}), around=around)
    assert shown(found) == {"{}": [(6.0, 10.0)]}
    assert texts(around) == [
        "PromQL info: mismatched custom buckets were reconciled during addition"
    ]


def test_colliding_resets_leave_no_result() -> None:
    around = context(1)
    reset = frame({"m": [EXPONENTIAL + " counter_reset_hint:reset"]})
    kept = frame({"n": [EXPONENTIAL + " counter_reset_hint:not_reset"]})
    assert shown(run("+", reset, kept, around=around)) == {}
    assert texts(around) == ["PromQL warning: conflicting counter resets during histogram addition"]


def test_a_fill_reaches_where_the_operands_do_not_go_together() -> None:
    left, right = frame({"m": [EXPONENTIAL]}), frame({"n": [1]})
    assert shown(run("+", left, right, fill_left=0.5)) == {"{}": [1.5]}
