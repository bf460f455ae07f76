"""Matches that operators between vectors do not allow, in Prometheus' words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.model.labels import Labels
from appliance.promql.go_format import labels_text
from appliance.promql.grouping import Groups, matching_key, numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.promql.ast import Matching
    from appliance.promql.binary.arithmetic import Outcome
    from appliance.promql.frame import Frame

_NEVER = np.iinfo(np.int64).max
_MANY_TO_ONE = "many-to-one matching must be explicit (group_left/group_right)"
_NOT_UNIQUE = "grouping labels must ensure unique matches"


class Results(Protocol):
    """Rows of a result; see `matching.Batch`."""

    @property
    def labels(self) -> Sequence[Labels]: ...  # noqa: D102 - see there
    @property
    def groups(self) -> NDArray[np.intp]: ...  # noqa: D102
    @property
    def outcome(self) -> Outcome: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Conflict:
    """The first step at which something is wrong, and what to say."""

    step: int = _NEVER
    message: str = ""

    def or_earlier(self, other: Conflict) -> Conflict:
        """The one of two that comes up first, this one when both do."""
        return other if other.step < self.step else self

    def fail(self) -> None:
        """Raise QueryFailed if there is a conflict."""
        if self.message:
            raise QueryFailed(self.message)


def check_one_side(matching: Matching, many: Frame, one: Frame, groups: Groups) -> Conflict:
    """Whether the "one" side has two elements of one match group at the same step."""
    crowded = groups.sizes > 1
    if not crowded.any():
        return Conflict()
    twice = groups.tally(one.present) > 1
    if matching.fill_left is None and matching.fill_right is None:
        # A step at which the other side is empty is not looked at.
        twice &= many.present.any(axis=0)
    if not twice.any():
        return Conflict()
    step = int(np.argmax(twice.any(axis=0)))
    return Conflict(step, _duplicates(matching, one, _second(one, groups, step)))


def _second(one: Frame, groups: Groups, step: int) -> tuple[int, int]:
    """The first row that has the match group of an earlier one, and that one."""
    seen: dict[int, int] = {}
    for row in np.flatnonzero(one.present[:, step]).tolist():
        other = seen.setdefault(int(groups.ids[row]), row)
        if other != row:
            return other, row
    raise AssertionError(step)


def _duplicates(matching: Matching, one: Frame, rows: tuple[int, int]) -> str:
    side = "left" if matching.cardinality == "one-to-many" else "right"
    matched = Labels(matching_key(matching.labels, on=matching.on)(one.labels[rows[0]]))
    series = ", ".join(sorted(labels_text(one.labels[row]) for row in rows))
    return (
        f"found duplicate series for the match group {labels_text(matched)} on the {side} hand-side"
        f" of the operation: [{series}];many-to-many matching not allowed:"
        " matching labels must be unique on one side"
    )


def check_results(matching: Matching, batches: Sequence[Results], count: int) -> Conflict:
    """Whether two results of one match group cannot be told apart at some step.

    Comparisons that do not hold count as results.

    Args:
        count: How many match groups there are.
    """
    ids = np.concatenate([batch.groups for batch in batches])
    reason = _MANY_TO_ONE
    if matching.cardinality != "one-to-one":
        keys = (
            key
            for batch in batches
            for key in zip(batch.groups.tolist(), batch.labels, strict=True)
        )
        numbers: dict[object, int] = {}
        ids, reason = numbered(keys, numbers, len(ids)), _NOT_UNIQUE
        count = len(numbers)
    groups = Groups.of(ids, count)
    if not (groups.sizes > 1).any():
        return Conflict()
    crowded = (groups.sizes > 1)[ids]
    valid = np.concatenate([batch.outcome.valid for batch in batches])[crowded]
    twice = (Groups.of(ids[crowded], count).tally(valid) > 1).any(axis=0)
    if not twice.any():
        return Conflict()
    return Conflict(int(np.argmax(twice)), f"multiple matches for labels: {reason}")
