"""How spans of two sides are related: `>`, `>>`, `~` and their kin (Tempo, "Structural").

Relations hold between spans that a root reaches; others have no nested set numbers and are related
to nothing. The right side's spans are the result, or those that are related to none (`!>`), or the
related ones of both sides (`&>`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.union_walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.traceql.ast import SpansetOp
    from appliance.traceql.block import Block

    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Side:
    """Spans in units; spans are related within a unit only.

    Attributes:
        rows: int64[entry], each row at most once.
        units: int64[entry], the unit of each.
    """

    rows: Rows
    units: Rows

    def picked(self, mask: Mask) -> Side:
        """Some of the entries."""
        return Side(self.rows[mask], self.units[mask])


@dataclass(frozen=True, slots=True)
class Forest:
    """The spans' trees, and how units lie in them.

    Attributes:
        is_split: A trace may have more than one unit.
    """

    block: Block
    is_split: bool = False


def relate(op: SpansetOp, left: Side, right: Side, *, forest: Forest) -> Side:
    """The spans that a structural operator yields, by unit, then row."""
    relation = op.value.lstrip("!&")
    hits = _RELATIONS[relation](forest, left, right)
    if op.value.startswith("!"):
        return right.picked(~hits)
    if not op.value.startswith("&"):
        return right.picked(hits)
    others = _RELATIONS[_INVERSE[relation]](forest, right, left)
    if relation == ">>":
        _pass_over(forest, (left, others), (right, hits))
    elif relation == "<<":
        _pass_over(forest, (right, hits), (left, others))
    return union(left.picked(others), right.picked(hits))


def _pass_over(forest: Forest, above: tuple[Side, Mask], below: tuple[Side, Mask]) -> None:
    """Take away what Tempo's walk does not find; it matters where there are several ancestors.

    Args:
        above, below: Ancestors and descendants, and which of them are related: changed here.
    """
    tree = forest.block.tree
    units, counts = np.unique(above[0].units, return_counts=True)
    doubtful = np.intersect1d(units[counts > 1], above[0].units[above[1]])
    if not len(doubtful):
        return
    sorted_sides = []
    for side, mask in (above, below):
        entries = np.flatnonzero(np.isin(side.units, doubtful))
        rows = side.rows[entries]
        order = np.lexsort((tree.lefts[rows], side.units[entries]))
        entries, rows = entries[order], rows[order]
        starts = np.searchsorted(side.units[entries], doubtful, side="left").tolist()
        ends = np.searchsorted(side.units[entries], doubtful, side="right").tolist()
        bounds = list(zip(tree.lefts[rows].tolist(), tree.rights[rows].tolist(), strict=True))
        mask[entries] = False
        sorted_sides.append((entries, bounds, starts, ends, mask))
    (up, highs, *up_parts, up_mask), (down, lows, *down_parts, down_mask) = sorted_sides
    for a, b, c, d in zip(*up_parts, *down_parts, strict=True):
        found_above, found_below = walk(highs[a:b], lows[c:d])
        up_mask[up[[a + at for at in found_above]]] = True
        down_mask[down[[c + at for at in found_below]]] = True


def union(left: Side, right: Side) -> Side:
    """The spans of either side, each once, by unit, then row."""
    rows, units = np.concatenate((left.rows, right.rows)), np.concatenate((left.units, right.units))
    order = np.lexsort((rows, units))
    rows, units = rows[order], units[order]
    is_new = np.ones(len(rows), dtype=bool)
    is_new[1:] = rows[1:] != rows[:-1]
    return Side(rows[is_new], units[is_new])


def _children(forest: Forest, left: Side, right: Side) -> Mask:
    """Which of the right side have their parent on the left."""
    parents = _parents_of(forest, right.rows)
    units = _units_by_row(forest, left)
    hit: Mask = (parents >= 0) & (units[parents] == right.units)
    return hit


def _parents(forest: Forest, left: Side, right: Side) -> Mask:
    """Which of the right side have a child on the left."""
    parents = _parents_of(forest, left.rows)
    units = _units_by_row(forest, right)
    hit = np.zeros(len(units), dtype=bool)
    hit[parents[(parents >= 0) & (units[parents] == left.units)]] = True
    return hit[right.rows]


def _parents_of(forest: Forest, rows: Rows) -> Rows:
    tree = forest.block.tree
    return np.where(tree.lefts[rows] > 0, tree.parents[rows], -1)


def _units_by_row(forest: Forest, side: Side) -> Rows:
    units = np.full(forest.block.count, -1)
    units[side.rows] = side.units
    return units


def _siblings(forest: Forest, left: Side, right: Side) -> Mask:
    """Which of the right side share their parent with another span of the left; so do roots."""
    keys, families = _families(forest, left, right)
    left_keys, right_keys = keys[: len(left.rows)], keys[len(left.rows) :]
    sizes = np.bincount(left_keys[left_keys >= 0], minlength=families)
    is_on_left = _units_by_row(forest, left)[right.rows] == right.units
    hit: Mask = (right_keys >= 0) & (sizes[right_keys] > is_on_left)
    return hit


def _families(forest: Forest, left: Side, right: Side) -> tuple[Rows, int]:
    """Numbers that siblings of a unit share, of the left side's spans, then of the right side's.

    Returns:
        int64[entry], -1 where a span has no place in the tree; how many numbers there are.
    """
    block, rows = forest.block, np.concatenate((left.rows, right.rows))
    parents = block.tree.parents[rows]
    keys = np.where(parents >= 0, parents, block.count + block.trace_of[rows])
    size = block.count + len(block.traces.ids)
    if forest.is_split:
        units = np.concatenate((left.units, right.units))
        distinct, keys = np.unique(units * size + keys, return_inverse=True)
        size = len(distinct)
    return np.where(block.tree.lefts[rows] > 0, keys, -1), max(size, 1)


def _descendants(forest: Forest, left: Side, right: Side) -> Mask:
    """Which of the right side have an ancestor on the left."""
    (left_enters, left_leaves), (enters, _), size = _walk(forest, left, right)
    within = np.zeros(size, dtype=np.int32)
    within[left_enters] = 1
    within[left_leaves] = -1
    within[0] = 0
    np.cumsum(within, out=within)
    return (enters > 0) & (within[enters - 1] > 0)


def _ancestors(forest: Forest, left: Side, right: Side) -> Mask:
    """Which of the right side have a descendant on the left."""
    (left_enters, _), (enters, leaves), size = _walk(forest, left, right)
    entered = np.zeros(size, dtype=np.int32)
    entered[left_enters] = 1
    entered[0] = 0
    np.cumsum(entered, out=entered)
    return (enters > 0) & (entered[leaves] > entered[enters])


def _walk(
    forest: Forest, left: Side, right: Side
) -> tuple[tuple[Rows, Rows], tuple[Rows, Rows], int]:
    """At which steps a walk through all units enters and leaves the spans of each side.

    Returns:
        The left side's, then the right side's: int64[entry], from 1; 0 where a span has no place
        in the tree. Then one more than the last step.
    """
    block = forest.block
    tree, rows = block.tree, np.concatenate((left.rows, right.rows))
    base = 2 * block.traces.offsets[block.trace_of[rows]]
    steps = np.concatenate((tree.lefts[rows] + base, tree.rights[rows] + base))
    size = 2 * block.count + 1
    if forest.is_split:
        units = np.concatenate((left.units, right.units))
        distinct, steps = np.unique(np.tile(units * size, 2) + steps, return_inverse=True)
        size = len(distinct) + 1
        steps += 1
    steps[np.tile(tree.lefts[rows] == 0, 2)] = 0
    enters, leaves = steps[: len(rows)], steps[len(rows) :]
    at = len(left.rows)
    return (enters[:at], leaves[:at]), (enters[at:], leaves[at:]), size


_RELATIONS: dict[str, Callable[[Forest, Side, Side], Mask]] = {
    ">": _children,
    "<": _parents,
    ">>": _descendants,
    "<<": _ancestors,
    "~": _siblings,
}
_INVERSE = {">": "<", "<": ">", ">>": "<<", "<<": ">>", "~": "~"}
