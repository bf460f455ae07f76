"""Binary operations on series (pkg/logql/evaluator.go: vectorBinop, vectorAnd and so on)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.logql.ast import Binary, Cardinality, Matching
from appliance.logql.metric.arithmetic import (
    SET_OPERATORS,
    calculated,
    compared,
    is_comparison,
)
from appliance.logql.metric.frame import Frame, empty_frame, united
from appliance.logql.metric.matching import result_labels, signatures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.logql.metric.steps import Steps
    from appliance.model.labels import Labels

_MANY_TO_MANY = (
    "found duplicate series on the {side} hand-side;many-to-many matching not allowed:"
    " matching labels must be unique on one side"
)
_MANY_TO_ONE = (
    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
)
_NOT_UNIQUE = "multiple matches for labels: grouping labels must ensure unique matches"


def evaluate_with_number(node: Binary, frame: Frame, value: float, *, is_left: bool) -> Frame:
    """An operation between series and a number.

    Args:
        is_left: Whether the number is what is left of the operator.
    """
    left, right = (value, frame.values) if is_left else (frame.values, value)
    if is_comparison(node.op) and not node.returns_bool:
        holds = compared(node.op, left, right)
        return Frame(frame.labels, frame.values, frame.present & holds).non_empty()
    return Frame(frame.labels, calculated(node.op, left, right), frame.present)


def evaluate_binary(node: Binary, left: Frame, right: Frame, steps: Steps) -> Frame:
    """An operation between series.

    Raises:
        QueryFailed: Several series of both sides go together.
    """
    matching = node.matching or Matching()
    (left_codes, right_codes), count = signatures([left.labels, right.labels], matching)
    if node.op in SET_OPERATORS:
        return _set_operation(node.op, left, right, steps=steps, codes=(left_codes, right_codes))
    if matching.cardinality is Cardinality.ONE_TO_MANY:
        _check_unique(left, left_codes, count, side="left")
        return _joined(node, right, left, steps=steps, codes=(right_codes, left_codes))
    _check_unique(right, right_codes, count, side="right")
    return _joined(node, left, right, steps=steps, codes=(left_codes, right_codes))


def _any_of(frame: Frame, codes: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where any series with a signature has a point: bool[wanted, step]."""
    size = int(max(codes.max(initial=-1), wanted.max(initial=-1))) + 1
    found = np.zeros((size, frame.present.shape[1]), dtype=bool)
    np.logical_or.at(found, codes, frame.present)
    return found[wanted]


def _set_operation(
    op: str,
    left: Frame,
    right: Frame,
    *,
    steps: Steps,
    codes: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Frame:
    left_codes, right_codes = codes
    if op == "or":
        shadowed = _any_of(left, left_codes, right_codes)
        rest = Frame(right.labels, right.values, right.present & ~shadowed)
        return united([left, rest], steps).non_empty()
    matched = _any_of(right, right_codes, left_codes)
    present = left.present & (matched if op == "and" else ~matched)
    return Frame(left.labels, left.values, present).non_empty()


def _check_unique(one: Frame, codes: NDArray[np.int64], count: int, *, side: str) -> None:
    """No two series of the "one" side may match the same at any step."""
    if len(np.unique(codes)) == len(codes):
        return
    seen = np.zeros((count, one.present.shape[1]), dtype=np.int64)
    np.add.at(seen, codes, one.present)
    if (seen > 1).any():
        raise QueryFailed(_MANY_TO_MANY.format(side=side))


def _joined(
    node: Binary,
    many: Frame,
    one: Frame,
    *,
    steps: Steps,
    codes: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Frame:
    """Each series of the "many" side with those of the "one" side that match it."""
    matching = node.matching or Matching()
    many_rows, one_rows = _pairs(*codes)
    if not len(many_rows):
        return empty_frame(steps)
    labels = [
        result_labels(many.labels[a], one.labels[b], matching)
        for a, b in zip(many_rows.tolist(), one_rows.tolist(), strict=True)
    ]
    present = many.present[many_rows] & one.present[one_rows]
    _check_matches(labels, present, codes[0][many_rows], matching=matching)
    a, b = many.values[many_rows], one.values[one_rows]
    left, right = (b, a) if matching.cardinality is Cardinality.ONE_TO_MANY else (a, b)
    if is_comparison(node.op) and not node.returns_bool:
        values, present = left, present & compared(node.op, left, right)
    else:
        values = calculated(node.op, left, right)
    frame = Frame(labels, values, present).non_empty()
    return frame if len(set(frame.labels)) == len(frame) else united([frame], steps)


def _pairs(
    many: NDArray[np.int64], one: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs of series with the same signature: rows of the one and rows of the other side."""
    order = np.argsort(one, kind="stable")
    low = np.searchsorted(one[order], many, side="left")
    sizes = np.searchsorted(one[order], many, side="right") - low
    rows = np.repeat(np.arange(len(many)), sizes)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rows, order[np.repeat(low, sizes) + within]


def _check_matches(
    labels: list[Labels],
    present: NDArray[np.bool_],
    codes: NDArray[np.int64],
    *,
    matching: Matching,
) -> None:
    """What matches must be told apart by its signature, or with `group_…` by its labels."""
    is_single = matching.cardinality is Cardinality.ONE_TO_ONE
    number: dict[object, int] = {}
    keys = codes.tolist() if is_single else zip(codes.tolist(), labels, strict=True)
    rows = np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)
    if len(number) == len(rows):
        return
    seen = np.zeros((len(number), present.shape[1]), dtype=np.int64)
    np.add.at(seen, rows, present)
    if (seen > 1).any():
        raise QueryFailed(_MANY_TO_ONE if is_single else _NOT_UNIQUE)
