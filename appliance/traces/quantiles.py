"""Exact quantiles of many groups at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


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
    order = np.lexsort((values, groups))
    ordered = values[order].astype(np.float64)
    counts = np.bincount(groups)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    places = (counts[:, None] - 1) * np.asarray(quantiles)[None, :]
    lower = np.floor(places).astype(np.int64)
    upper = np.minimum(lower + 1, counts[:, None] - 1)
    below, above = ordered[starts[:, None] + lower], ordered[starts[:, None] + upper]
    found: NDArray[np.float64] = below + (above - below) * (places - lower)
    return found
