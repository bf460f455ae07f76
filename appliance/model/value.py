"""What queries return, before any wire format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.log import Metadata


@dataclass(frozen=True, slots=True)
class Annotations:
    """Remarks beside a result: the query worked, but."""

    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scalar:
    """One number at one time."""

    timestamp_ms: int
    value: float


@dataclass(frozen=True, slots=True)
class StringValue:
    """One string at one time."""

    timestamp_ms: int
    value: str


@dataclass(frozen=True, slots=True)
class Vector:
    """One value per series at one time.

    Attributes:
        values: float64[series]; every value is present (NaN is a value).
        histograms: [series], the value where it is a native histogram; None when none is.
    """

    timestamp_ms: int
    labels: Sequence[Labels]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram | None] | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Points per series.

    Attributes:
        series: (labels, timestamps_ms int64[point], values float64[point]), sorted by labels.
        histograms: Per series None or (timestamps_ms int64[point], native histograms), points
            beside those in `series`; None when no series has any.
    """

    series: Sequence[tuple[Labels, NDArray[np.int64], NDArray[np.float64]]]
    histograms: Sequence[tuple[NDArray[np.int64], list[Histogram]] | None] | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Entries of one stream, in the order asked for.

    Attributes:
        labels: What the stages left of the stream's own labels.
        entries: (timestamp_ns, line, structured metadata, labels that stages made).
    """

    labels: Labels
    entries: Sequence[tuple[int, str, Metadata, Metadata]]


@dataclass(frozen=True, slots=True)
class Streams:
    """What a log query returns."""

    streams: Sequence[Stream]


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A value and the remarks about it."""

    value: Scalar | StringValue | Vector | Matrix | Streams
    annotations: Annotations = field(default_factory=Annotations)
