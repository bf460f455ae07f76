"""Rows of a frame that belong together: groups of aggregations and match groups of operators.

Groups are numbered in the order in which they come up. Reductions sort the rows by group once and
then use numpy's `reduceat`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.labels import Labels
from appliance.promql.ast import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

#: What a row is grouped by: some of its label pairs.
Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which row is in which group.

    Attributes:
        ids: intp[row], numbers of groups, from 0.
        order: intp[row], the rows sorted by group, those of a group in their own order.
        starts: intp[group], where each group begins in `order`.
        sizes: intp[group].
    """

    ids: NDArray[np.intp]
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @classmethod
    def of(cls, ids: NDArray[np.intp], count: int) -> Groups:
        """Groups from numbers below `count`; groups may be empty."""
        sizes = np.bincount(ids, minlength=count)
        return cls(ids, np.argsort(ids, kind="stable"), np.cumsum(sizes) - sizes, sizes)

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self.sizes)

    def members(self, group: int) -> NDArray[np.intp]:
        """The rows of a group."""
        start = self.starts[group]
        return self.order[start : start + self.sizes[group]]

    def ranks(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """For each place within groups: the groups that have it, and their rows there."""
        for place in range(int(self.sizes.max(initial=0))):
            having = np.flatnonzero(self.sizes > place)
            yield having, self.order[self.starts[having] + place]

    def sorted(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Rows in the order of their groups; the very array when they are so already."""
        if np.array_equal(self.order, np.arange(len(self.order))):
            return rows
        return rows[self.order]

    def reduce(self, ufunc: np.ufunc, rows: NDArray[Any], initial: Any) -> NDArray[Any]:
        """Reduce the rows of each group.

        Args:
            rows: [row, step].
            initial: What a group without rows gets.

        Returns:
            [group, step].
        """
        if (self.sizes == 1).all():
            return self.sorted(rows)
        found = np.full((self.count, rows.shape[1]), initial, dtype=rows.dtype)
        used = self.sizes > 0
        if used.any():
            found[used] = ufunc.reduceat(self.sorted(rows), self.starts[used], axis=0)
        return found

    def any(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool[group, step]: whether it holds for a row; mask: bool[row, step]."""
        return self.reduce(np.logical_or, mask, initial=False)

    def tally(self, mask: NDArray[np.bool_]) -> NDArray[np.int32]:
        """int32[group, step]: for how many rows it holds; mask: bool[row, step]."""
        if mask.all():
            whole: NDArray[np.int32] = self.sizes.astype(np.int32)[:, np.newaxis]
            return np.broadcast_to(whole, (self.count, mask.shape[1]))
        return self.reduce(np.add, mask.astype(np.int32), 0)


def numbered(keys: Iterable[Hashable], numbers: dict[Any, int], count: int) -> NDArray[np.intp]:
    """A number for each of `count` keys; new ones are added to `numbers`."""
    found = (numbers.setdefault(key, len(numbers)) for key in keys)
    return np.fromiter(found, dtype=np.intp, count=count)


def grouped(labels: Sequence[Labels], key: Callable[[Labels], Key]) -> tuple[Groups, list[Labels]]:
    """Group rows by their labels.

    Returns:
        The groups, and the labels of each: its key.
    """
    numbers: dict[Key, int] = {}
    ids = numbered(map(key, labels), numbers, len(labels))
    return Groups.of(ids, len(numbers)), [Labels(item) for item in numbers]


def aggregation_key(names: Iterable[str], *, without: bool) -> Callable[[Labels], Key]:
    """What `by` or `without` groups by; `without` never looks at the metric name."""
    return dropping([METRIC_NAME, *names]) if without else keeping(names)


def matching_key(names: Iterable[str], *, on: bool) -> Callable[[Labels], Key]:
    """What `on` or `ignoring` matches by; without `on` the metric name does not count."""
    return keeping(names) if on else dropping([METRIC_NAME, *names])


def keeping(names: Iterable[str]) -> Callable[[Labels], Key]:
    """A function that keeps the named labels."""
    kept = frozenset(names)
    if not kept:
        return lambda _: ()
    return lambda labels: tuple([pair for pair in labels if pair[0] in kept])


def dropping(names: Iterable[str]) -> Callable[[Labels], Key]:
    """A function that drops the named labels; labels without them come back as they are."""
    dropped = frozenset(names)
    if not dropped:
        return lambda labels: labels
    first, last = min(dropped), max(dropped)

    def drop(labels: Labels) -> Key:
        # Labels are sorted: most begin with the metric name or have none of these names at all.
        if not labels or labels[0][0] > last or labels[-1][0] < first:
            return labels
        if labels[0][0] in dropped and (len(labels) == 1 or labels[1][0] > last):
            return labels[1:]
        return tuple([pair for pair in labels if pair[0] not in dropped])

    return drop
