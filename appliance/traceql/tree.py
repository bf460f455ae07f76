"""How the spans of a block hang together: parents, nested sets, roots; all as arrays.

Nested sets are numbered per trace as Tempo numbers them: left on the way down, right on the way
up, from 1, one root after the other, siblings in the order of their rows. A root's `set_parents`
is -1, another span's is its parent's left; spans that no root reaches (orphans and what hangs
below them, cycles) have 0 everywhere.

Tempo's rules for what is odd: in a trace without a root nothing is numbered and no children are
counted, nor in one in which more than two kinds of spans share an id. Of a client and a server span
that share an id (Zipkin) a server span is the client's child, any other span the server's. Spans of
one id and kind are the same span, sent twice: the first one has the children.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.trace import SpanColumns

    Rows = NDArray[np.int64]

_SERVER, _CLIENT = 2, 3
#: More kinds than there are.
_KINDS = 256


@dataclass(frozen=True, slots=True)
class Tree:
    """Arrays over the spans of a block.

    Attributes:
        parents: int64[span], the parent's row; -1 where it is none or not here, and in cycles.
        lefts, rights, set_parents: int64[span], nested set numbers.
        child_counts: int64[span].
    """

    parents: Rows
    lefts: Rows
    rights: Rows
    set_parents: Rows
    child_counts: Rows


def roots_of(columns: SpanColumns) -> Rows:
    """The row of each trace's root span, the last one if there are several; -1 where none is."""
    traces, rows = columns.traces(), np.flatnonzero(columns.numbers("parent_id") == 0)
    roots = np.full(len(traces.ids), -1)
    roots[np.searchsorted(traces.offsets, rows, side="right") - 1] = rows
    return roots


def make_tree(columns: SpanColumns) -> Tree:
    """The tree of a block; takes no longer for a chain of spans than for a bush."""
    traces = columns.traces()
    trace_of = traces.spread(np.arange(len(traces.ids)))
    parent_ids = columns.numbers("parent_id")
    nodes = _Nodes.of(trace_of, columns.numbers("span_id"), parent_ids)
    is_root = parent_ids == 0
    parents = np.full(columns.count, -1)
    numbered = np.ones(len(traces.ids), dtype=bool)
    if nodes.are_distinct:
        parents[~is_root] = nodes.find(nodes.keys, nodes.parent_keys[~is_root])
    else:
        kinds = columns.numbers("kind").astype(np.int64)
        parents[~is_root] = nodes.find_by_kind(kinds, np.flatnonzero(~is_root))
        numbered = ~nodes.are_broken(kinds, len(traces.ids))
    numbered &= np.bincount(trace_of[is_root], minlength=len(traces.ids)) > 0
    return _numbered(parents, is_root, trace_of, numbered=numbered)


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Spans by trace and id: int64[span], equal keys stand for equal traces and ids."""

    trace_of: Rows
    keys: Rows
    parent_keys: Rows
    are_distinct: bool

    @classmethod
    def of(cls, trace_of: Rows, ids: Rows, parent_ids: Rows) -> _Nodes:
        distinct, numbers = np.unique(np.concatenate((ids, parent_ids)), return_inverse=True)
        wide = trace_of * (len(distinct) + 1)
        keys, parent_keys = wide + numbers[: len(ids)], wide + numbers[len(ids) :]
        ordered = np.sort(keys)
        return cls(trace_of, keys, parent_keys, bool((ordered[1:] != ordered[:-1]).all()))

    @staticmethod
    def find(keys: Rows, sought: Rows) -> Rows:
        """The first row that has each sought key, -1 where none has it: int64[sought]."""
        if not len(keys):
            return np.full(len(sought), -1)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        at = np.minimum(np.searchsorted(ordered, sought), len(keys) - 1)
        return np.where(ordered[at] == sought, order[at], -1)

    def find_by_kind(self, kinds: Rows, rows: Rows) -> Rows:
        """Parents' rows, where spans share ids: int64[row]."""
        sought = self.parent_keys[rows]
        wanted = np.where(kinds[rows] == _SERVER, _CLIENT, _SERVER)
        by_kind = self.find(self.keys * _KINDS + kinds, sought * _KINDS + wanted)
        first = self.find(self.keys, sought)
        is_only_kind = ~self._has_kinds(kinds)[first]
        return np.where(is_only_kind | (first < 0), first, by_kind)

    def are_broken(self, kinds: Rows, traces: int) -> NDArray[np.bool_]:
        """bool[trace]: more than two kinds of spans share an id."""
        _, rows = np.unique(self.keys * _KINDS + kinds, return_index=True)
        _, first, counts = np.unique(self.keys[rows], return_index=True, return_counts=True)
        broken = np.zeros(traces, dtype=bool)
        broken[self.trace_of[rows[first[counts > 2]]]] = True
        return broken

    def _has_kinds(self, kinds: Rows) -> NDArray[np.bool_]:
        """bool[span]: another kind of span has its id."""
        _, numbers = np.unique(self.keys, return_inverse=True)
        lowest, highest = np.full(len(kinds), _KINDS), np.full(len(kinds), -1)
        np.minimum.at(lowest, numbers, kinds)
        np.maximum.at(highest, numbers, kinds)
        differs: NDArray[np.bool_] = lowest != highest
        return differs[numbers]


def _numbered(
    parents: Rows,
    is_root: NDArray[np.bool_],
    trace_of: Rows,
    *,
    numbered: NDArray[np.bool_],
) -> Tree:
    """Number the spans by their places on a walk through each trace.

    The walk enters and leaves every span; what comes next after each of these 2 * count steps is
    known without walking, so that places are found by doubling strides.
    """
    count, root_rows = len(parents), np.flatnonzero(is_root)
    children = np.flatnonzero(parents >= 0)
    children = children[np.argsort(parents[children], kind="stable")]
    distances, ends = _distances(_steps(parents, children, root_rows, trace_of))
    walk = np.zeros(len(numbered), dtype=np.int64)
    np.maximum.at(walk, trace_of[root_rows], distances[root_rows])
    reached = (ends[:count] == 2 * count) & numbered[trace_of]
    lefts = np.where(reached, walk[trace_of] - distances[:count] + 1, 0)
    rights = np.where(reached, walk[trace_of] - distances[count : 2 * count] + 1, 0)
    set_parents = np.where(is_root, -reached.astype(np.int64), lefts[parents] * (parents >= 0))
    child_counts = np.bincount(parents[children], minlength=count) * numbered[trace_of]
    parents[ends[:count] < 2 * count] = -1
    return Tree(parents, lefts, rights, set_parents, child_counts)


def _steps(parents: Rows, children: Rows, root_rows: Rows, trace_of: Rows) -> Rows:
    """What follows each step: int64[2 * span + 2].

    Step i enters row i, step count + i leaves it; then come the end of a trace and, for spans
    without a way to a root, the end of nothing. `children` are sorted by their parent.
    """
    count = len(parents)
    trace_end, nowhere = 2 * count, 2 * count + 1
    steps = np.arange(2 * count + 2)
    steps[:count] += count
    steps[count : 2 * count] = np.where(parents >= 0, parents + count, nowhere)
    of = parents[children]
    is_first = np.ones(len(children), dtype=bool)
    is_first[1:] = of[1:] != of[:-1]
    steps[of[is_first]] = children[is_first]
    later = children[~is_first]
    steps[count + children[np.flatnonzero(~is_first) - 1]] = later
    steps[count + root_rows] = trace_end
    follows = trace_of[root_rows[1:]] == trace_of[root_rows[:-1]]
    steps[count + root_rows[:-1][follows]] = root_rows[1:][follows]
    return steps


def _distances(steps: Rows) -> tuple[Rows, Rows]:
    """How many steps lead to an end, and to which: int64[step]; cycles lead to none."""
    trace_end = len(steps) - 2
    distances = np.ones(len(steps), dtype=np.int64)
    distances[trace_end:] = 0
    for _ in range(len(steps).bit_length()):
        if (steps >= trace_end).all():
            break
        distances += distances[steps]
        steps = steps[steps]
    return distances, steps
