"""How the spans of a block hang together: parents, depths, nested sets, roots; all as arrays.

Nested sets are numbered per trace as Tempo numbers them: left on the way down, right on the way up,
from 1; a root's parent is -1, spans that no root reaches have 0 everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.trace import SpanColumns


@dataclass(frozen=True, slots=True)
class Tree:
    """Arrays over the spans of a block.

    Attributes:
        parents: int64[span], the parent's row; -1 where it is none or not here.
        levels: Rows by depth: the roots and orphans, then their children, and so on; int64 each.
        lefts, rights, set_parents: int64[span], nested set numbers.
        child_counts: int64[span].
        roots: int64[trace], the row of the trace's root span; -1 where there is none.
    """

    parents: NDArray[np.int64]
    levels: Sequence[NDArray[np.int64]]
    lefts: NDArray[np.int64]
    rights: NDArray[np.int64]
    set_parents: NDArray[np.int64]
    child_counts: NDArray[np.int64]
    roots: NDArray[np.int64]


def make_tree(columns: SpanColumns) -> Tree:
    """The tree of a block."""
    raise NotImplementedError
