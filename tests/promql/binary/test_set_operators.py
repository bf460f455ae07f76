"""and, or, unless: decided per step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.labels import Labels
from appliance.promql.ast import Binary, Matching
from appliance.promql.binary import binary
from appliance.promql.frame import Frame
from tests.promql.vectors import VECTOR, cells, context, frame, frames, shown

Rows = list[tuple[Labels, list[Any]]]


def run(op: str, left: Frame, right: Frame, *names: str, on: bool = False) -> Frame:
    expr = Binary(op, VECTOR, VECTOR, matching=Matching("many-to-many", names, on))
    found = binary(expr, left, right, context(left.values.shape[1]))
    assert isinstance(found, Frame)
    return found


@given(
    left=frames(("m", "n"), tame=True),
    right=frames(("n", "o"), tame=True),
    op=st.sampled_from(["and", "or", "unless"]),
    names=st.sampled_from([(), ("a",), ("a", "b")]),
    on=st.booleans(),
)
def test_each_step_stands_alone(
    *, left: Rows, right: Rows, op: str, names: tuple[str, ...], on: bool
) -> None:
    def key(labels: Labels) -> Labels:
        if on:
            return Labels(pair for pair in labels if pair[0] in names)
        return labels.without("__name__", *names)

    wanted: dict[Labels, list[Any]] = {}
    for step in range(3):
        sides = [
            [(labels, values[step]) for labels, values in rows if values[step] is not None]
            for rows in (left, right)
        ]
        keys = [{key(labels) for labels, _ in side} for side in sides]
        if op == "or":
            chosen = sides[0] + [item for item in sides[1] if key(item[0]) not in keys[0]]
        else:
            chosen = [item for item in sides[0] if (key(item[0]) in keys[1]) == (op == "and")]
        for labels, value in chosen:
            wanted.setdefault(labels, [None] * 3)[step] = value
    one, other = (frame(rows) if rows else Frame.empty(3) for rows in (left, right))
    found = dict(cells(run(op, one, other, *names, on=on)))
    assert found.keys() == wanted.keys()
    for labels, values in wanted.items():
        np.testing.assert_equal(
            [np.inf if cell is None else cell for cell in found[labels]],
            [np.inf if cell is None else cell for cell in values],
        )


def test_or_takes_the_left_side_first() -> None:
    left, right = frame({'n{a="2"}': [1]}), frame({'m{a="1"}': [2], 'm{a="2"}': [3]})
    assert list(shown(run("or", left, right))) == ['n{a="2"}', 'm{a="1"}']


def test_or_of_the_same_series_at_different_steps_is_one_series() -> None:
    series = {'m{a="1"}': [1, None]}
    left, right = frame(series), frame({'m{a="1"}': [5, 6]})
    marked = replace(right, nameless=np.array([True]))
    found = run("or", left, marked)
    assert shown(found) == {'m{a="1"}': [1.0, 6.0]}
    # The side that is there first says whether the name goes.
    assert found.nameless is not None
    assert not found.nameless.any()
    assert run("or", replace(left, nameless=np.array([True])), right).nameless.all()  # type: ignore[union-attr]


def test_histograms_pass_unchanged() -> None:
    left = frame({"m": ["count:4 sum:8 buckets:[1 3]", 1]})
    assert shown(run("and", left, frame({"n": [1, None]}))) == {"m{}": [(4.0, 8.0), None]}
