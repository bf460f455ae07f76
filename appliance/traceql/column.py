"""What an expression yields for the spans of a block: one of four kinds of columns.

Shapes: `count` is the number of the block's spans; row i is span i.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.traceql.static import Static, Type


@dataclass(frozen=True, slots=True)
class Constant:
    """The same for every span."""

    value: Static


@dataclass(frozen=True, slots=True)
class Coded:
    """Dictionary-coded values of any types.

    Attributes:
        ids: int32[span]; -1 is nil.
        values: Distinct.
    """

    ids: NDArray[np.int32]
    values: Sequence[Static]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of one type.

    Attributes:
        type: INT, FLOAT or DURATION.
        values: int64[span], of floats float64[span].
        present: bool[span], False where nil; None: no span is nil.
    """

    type: Type
    values: NDArray[np.int64] | NDArray[np.float64]
    present: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Mask:
    """Booleans: bool[span]; no span is nil."""

    values: NDArray[np.bool_]


Column = Constant | Coded | Numbers | Mask
