"""Which of the selected series are in the same places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from appliance.store.metrics.reading.assemble import Place

    #: Ascending positions, and the places with those members that the positions are.
    Class = tuple[NDArray[np.int64], list[tuple[Place, NDArray[np.int64]]]]

#: Up to so many series per place Python's loops are faster than numpy's calls.
_FEW = 24


def classes(places: Sequence[Place], count: int) -> Iterable[Class]:
    """Series that are in the same places, each series once.

    Args:
        count: How many series were selected.
    """
    if len(places) == 1:
        positions = places[0].positions
        return [(positions, [(places[0], np.arange(len(positions)))])] if len(positions) else []
    if sum([len(place.positions) for place in places]) <= _FEW * len(places):
        return _of_few(places)
    return _of_many(places, count)


def _of_few(places: Sequence[Place]) -> Iterable[Class]:
    found: dict[int, tuple[list[int], list[int]]] = {}
    for number, place in enumerate(places):
        for member, position in enumerate(place.positions.tolist()):
            numbers, members = found.setdefault(position, ([], []))
            numbers.append(number)
            members.append(member)
    same: dict[tuple[int, ...], list[int]] = {}
    for position in sorted(found):
        same.setdefault(tuple(found[position][0]), []).append(position)
    for key, positions in same.items():
        columns = zip(*[found[position][1] for position in positions], strict=True)
        sources = [
            (places[number], np.array(members))
            for number, members in zip(key, columns, strict=True)
        ]
        yield np.array(positions), sources


def _of_many(places: Sequence[Place], count: int) -> Iterable[Class]:
    signature = np.zeros(count, dtype=np.uint64)
    tags = np.random.default_rng(len(places)).integers(1, 1 << 63, len(places), dtype=np.uint64)
    for place, tag in zip(places, tags, strict=True):
        signature[place.positions] += tag
    _, number = np.unique(signature, return_inverse=True)
    sources: dict[int, list[tuple[Place, NDArray[np.int64]]]] = {}
    positions: dict[int, NDArray[np.int64]] = {}
    for place in places:
        mine = number[place.positions]
        order = np.argsort(mine, kind="stable")
        cuts = np.flatnonzero(np.diff(mine[order])) + 1
        for members in np.split(order, cuts):
            if len(members):
                key = int(mine[members[0]])
                sources.setdefault(key, []).append((place, members))
                positions[key] = place.positions[members]
    return [(positions[key], sources[key]) for key in sources]
