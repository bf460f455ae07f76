"""Classic histograms as native ones with custom bounds (Prometheus 3, NHCB)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import CUSTOM_SCHEMA, Buckets, Histogram

if TYPE_CHECKING:
    from numpy.typing import NDArray


def custom_histogram(
    bounds: NDArray[np.float64],
    counts: NDArray[np.float64],
    *,
    count: float | None,
    total: float,
) -> Histogram | None:
    """A histogram with custom bounds; None when the classic one contradicts itself.

    Args:
        bounds: float64[bucket], upper bounds, ascending; +Inf may be missing.
        counts: float64[bucket], cumulated.
        count: Of all observations; None takes the last bucket's.
        total: Sum of all observations.
    """
    if count is None:
        if not len(counts):
            return None
        count = float(counts[-1])
    if not len(bounds) or bounds[-1] != math.inf:
        bounds, counts = np.append(bounds, math.inf), np.append(counts, count)
    own = np.diff(counts, prepend=0.0)
    if count != counts[-1] or not (own >= 0).all():  # NaN is refused as well
        return None
    used = np.flatnonzero(own)
    return Histogram(
        schema=CUSTOM_SCHEMA,
        count=count,
        sum=total,
        positive=Buckets(used.astype(np.int64), own[used]),
        custom_values=bounds[:-1],
    )
