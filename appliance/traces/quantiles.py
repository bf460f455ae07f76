"""Exact quantiles of many groups at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: More groups than this are sorted in one go; of fewer each is only partitioned, which takes a
#: tenth of the time.
_FEW = 10_000


def group_quantiles(
    groups: NDArray[np.int64], values: NDArray[np.int64], quantiles: Sequence[float]
) -> NDArray[np.float64]:
    """Quantiles with linear interpolation between neighbours, as numpy's `quantile` has them.

    Args:
        groups: int64[value], numbers of groups from 0 on; each has a value at least.
        values: int64[value].

    Returns:
        float64[group, quantile].
    """
    counts = np.bincount(groups)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    places = (counts[:, None] - 1) * np.asarray(quantiles)[None, :]
    lower = np.floor(places).astype(np.int64)
    upper = np.minimum(lower + 1, counts[:, None] - 1)
    if len(counts) > _FEW:
        ordered = values[np.lexsort((values, groups))]
    else:
        # Numbers this small are sorted by their digits.
        ordered = values[np.argsort(groups.astype(np.uint16), kind="stable")]
        wanted = np.concatenate([lower, upper], axis=1).tolist()
        bounds = zip(starts.tolist(), counts.tolist(), wanted, strict=True)
        for start, count, kept in bounds:
            ordered[start : start + count].partition(sorted(set(kept)))
    below = ordered[starts[:, None] + lower].astype(np.float64)
    above = ordered[starts[:, None] + upper].astype(np.float64)
    found: NDArray[np.float64] = below + (above - below) * (places - lower)
    return found
