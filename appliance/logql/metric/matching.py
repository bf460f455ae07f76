"""Which series of the two sides of an operation go together, and what becomes of their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.logql.ast import Cardinality, Matching
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def signatures(
    sides: Sequence[Sequence[Labels]], matching: Matching
) -> tuple[list[NDArray[np.int64]], int]:
    """Numbers that are equal for series that match: int64[series] per side, and how many."""
    names = frozenset(matching.labels)
    number: dict[Labels, int] = {}
    found = []
    for side in sides:
        codes = [
            number.setdefault(
                Labels(pair for pair in labels if (pair[0] in names) == matching.is_on),
                len(number),
            )
            for labels in side
        ]
        found.append(np.array(codes, dtype=np.int64))
    return found, len(number)


def result_labels(many: Labels, one: Labels, matching: Matching) -> Labels:
    """The labels of a result from those of the "many" side and those of the "one" side."""
    kept = many
    if matching.cardinality is Cardinality.ONE_TO_ONE:
        names = frozenset(matching.labels)
        kept = Labels(pair for pair in many if (pair[0] in names) == matching.is_on)
    if not matching.include:
        return kept
    return kept.extended({name: one.get(name) for name in matching.include})
