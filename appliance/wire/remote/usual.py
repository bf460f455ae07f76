"""Series of remote write 2 in the shape that senders usually send, read all at once.

That is: references of labels, one sample with a six-byte time (its value left out when it is 0),
then nothing or metadata. The shape is checked to the last byte of a series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.wire.remote.frames import Frames

#: A sample with a value (tag, length, tag, 8 bytes, tag, 6 bytes of time); one whose value is 0.
_FULL, _ZERO = 18, 9
_TIME_BYTES = 6
_SHIFTS = np.arange(_TIME_BYTES, dtype=np.int64) * 7
_FORWARD = np.arange(_FULL)
_REFS, _SAMPLE, _METADATA = 0x0A, 0x12, 0x2A
#: So that nothing is read beyond the end.
_PADDING = bytes(_FULL)
#: Bytes of a reference; more would be a table of 268 million strings.
_MAX_REF_BYTES = 4


@dataclass(frozen=True, slots=True)
class UsualSeries:
    """Series in the usual shape.

    Attributes:
        rows: int64[series], their numbers in the request.
        refs: int64[reference], of all series, one after the other.
        counts: int64[series], how many references each has; even, not 0.
        times: int64[series]. values: float64[series].
        metadata_starts, ends: int64[series], where metadata (tag and length first) start and end.
    """

    rows: NDArray[np.int64]
    refs: NDArray[np.int64]
    counts: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    metadata_starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def read_usual(body: bytes, frames: Frames, symbols: int) -> UsualSeries | None:
    """The series in the usual shape; None when there are none, or a reference is wrong.

    Args:
        symbols: Strings in the request's table.
    """
    data = np.frombuffer(body + _PADDING, dtype=np.uint8)
    starts, ends = (np.array(part, dtype=np.int64) for part in (frames.starts, frames.ends))
    refs_ends = starts + 2 + data[starts + 1]
    rows = np.flatnonzero(
        (data[starts] == _REFS) & (data[starts + 1] <= 0x7F) & (refs_ends + _ZERO <= ends)
    )
    starts, ends, refs_ends = starts[rows], ends[rows], refs_ends[rows]
    samples = data[refs_ends[:, None] + _FORWARD]
    is_full, is_zero = _shapes(samples)
    after = refs_ends + np.where(is_full, _FULL, _ZERO)
    has_metadata = (data[after] == _METADATA) & (data[after + 1] <= 0x7F)
    has_metadata &= after + 2 + data[after + 1] == ends
    good = (is_full | is_zero) & ((after == ends) | has_metadata) & (data[refs_ends - 1] <= 0x7F)
    found = _read_refs(data, starts[good] + 2, refs_ends[good], symbols)
    if found is None:
        return None
    samples, is_full = samples[good], is_full[good]
    times = np.where(is_full[:, None], samples[:, 12:18], samples[:, 3:9]).astype(np.int64) & 0x7F
    values = np.ascontiguousarray(samples[:, 3:11]).view("<f8")[:, 0]
    return UsualSeries(
        rows=rows[good],
        refs=found[0],
        counts=found[1],
        times=(times << _SHIFTS).sum(axis=1),
        values=np.where(is_full, values, 0.0),
        metadata_starts=after[good],
        ends=ends[good],
    )


def _shapes(samples: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which are samples with a value, and which are samples whose value is 0."""
    is_full = (samples[:, 0] == _SAMPLE) & (samples[:, 1] == _FULL - 2) & (samples[:, 2] == 0x09)
    is_full &= (samples[:, 11] == 0x10) & _is_time(samples[:, 12:18])
    is_zero = (samples[:, 0] == _SAMPLE) & (samples[:, 1] == _ZERO - 2) & (samples[:, 2] == 0x10)
    return is_full, is_zero & _is_time(samples[:, 3:9])


def _is_time(data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether six bytes are one number, by rows."""
    found: NDArray[np.bool_] = (data[:, :5] > 0x7F).all(axis=1) & (data[:, 5] <= 0x7F)
    return found


def _read_refs(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], symbols: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """References of all series, and how many each has; None when something is wrong."""
    lengths = ends - starts
    if not len(lengths) or not lengths.all():
        return None
    before = np.cumsum(lengths) - lengths
    taken = data[np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)]
    is_last = taken <= 0x7F
    begins = np.flatnonzero(np.concatenate([[True], is_last[:-1]]))
    sizes = np.diff(begins, append=len(taken))
    if sizes.max() > _MAX_REF_BYTES:
        return None
    place = np.arange(len(taken)) - np.repeat(begins, sizes)
    refs = np.add.reduceat((taken & 0x7F).astype(np.int64) << (7 * place), begins)
    counts = np.add.reduceat(is_last.astype(np.int64), before)
    if refs.max() >= symbols or (counts % 2).any():
        return None
    return refs, counts
