"""`&>>` and `&<<` as Tempo finds them: by a walk over both sides that passes over some spans.

The walk goes through descendants branch by branch and through ancestors as far as the branch; a
nested ancestor whose descendants lie in an earlier branch is not seen again. With one ancestor it
finds all that are related.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Nested set numbers of a span, left and right; zeros where no root reaches it.
Bounds = tuple[int, int]


def walk(ancestors: Sequence[Bounds], descendants: Sequence[Bounds]) -> tuple[set[int], set[int]]:
    """Which ancestors and which descendants are found.

    Args:
        ancestors, descendants: The spans of one trace, ascending by left.

    Returns:
        Indexes into each.
    """
    above: set[int] = set()
    below: set[int] = set()
    at_above = at_below = 0
    while at_above < len(ancestors) and at_below < len(descendants):
        at_below, last = _along_branch(ancestors[at_above], descendants, at_below, below)
        leaf = descendants[last]
        while at_above < len(ancestors):
            ancestor = ancestors[at_above]
            if _is_after(leaf, ancestor):
                break
            if _is_above(ancestor, leaf):
                above.add(at_above)
                if at_below < len(descendants) and _is_above(ancestor, descendants[at_below]):
                    break
            at_above += 1
    return above, below


def _along_branch(
    ancestor: Bounds, descendants: Sequence[Bounds], start: int, found: set[int]
) -> tuple[int, int]:
    """Look at descendants until the branch ends: where the next one is, and the last one seen."""
    for at in range(start, len(descendants)):
        if _is_above(ancestor, descendants[at]):
            found.add(at)
        if at + 1 < len(descendants) and _is_after(descendants[at], descendants[at + 1]):
            return at + 1, at
    return len(descendants), len(descendants) - 1


def _is_above(ancestor: Bounds, descendant: Bounds) -> bool:
    return descendant[0] > ancestor[0] > 0 and descendant[1] < ancestor[1]


def _is_after(span: Bounds, other: Bounds) -> bool:
    return other[0] > span[1]
