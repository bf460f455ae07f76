"""Native histograms (Prometheus' model/histogram, FloatHistogram): one value of a series.

Buckets are sparse: arrays of indexes and of counts. Integer histograms become float ones on their
way in; counts up to 2^53 stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The schema of histograms whose bucket bounds are `custom_values`.
CUSTOM_SCHEMA = -53
MIN_SCHEMA, MAX_SCHEMA = -4, 8


class ResetHint(IntEnum):
    """What is known about a counter reset between a histogram and the one before."""

    UNKNOWN = 0
    RESET = 1
    NOT_RESET = 2
    GAUGE = 3


def _no_indexes() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


def _no_counts() -> NDArray[np.float64]:
    return np.empty(0, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """The buckets of one side.

    Attributes:
        indexes: int64[bucket], ascending; with an exponential schema bucket i reaches from
            base**(i-1) to base**i, base = 2**(2**-schema); with custom bounds from
            custom_values[i-1] to custom_values[i], indexes starting with 0.
        counts: float64[bucket], observations in each bucket alone (not cumulated); may hold zeros.
    """

    indexes: NDArray[np.int64] = field(default_factory=_no_indexes)
    counts: NDArray[np.float64] = field(default_factory=_no_counts)


NO_BUCKETS = Buckets()


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """A native histogram; never changed after it is made.

    Attributes:
        schema: -4 to 8, or CUSTOM_SCHEMA.
        zero_threshold: Half the width of the bucket around zero.
        zero_count: Observations in that bucket.
        custom_values: float64[bound], ascending upper bounds, without +Inf; empty unless custom.
    """

    schema: int
    count: float
    sum: float
    zero_threshold: float = 0.0
    zero_count: float = 0.0
    positive: Buckets = NO_BUCKETS
    negative: Buckets = NO_BUCKETS
    custom_values: NDArray[np.float64] = field(default_factory=_no_counts)
    reset_hint: ResetHint = ResetHint.UNKNOWN

    @property
    def is_custom(self) -> bool:
        """Whether its bounds are custom ones."""
        return self.schema == CUSTOM_SCHEMA
