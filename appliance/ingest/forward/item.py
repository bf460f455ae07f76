"""Items of the queue: some samples with their labels, on their own.

Layout, zstd-compressed: counts (uint32: rows, samples, 1 for start times, bytes of the rest), then
lengths of the rows' labels (uint32[row]), labels (fields of prompb.TimeSeries), row (uint32),
time (int64), value (float64) and maybe start time (int64) of each sample, then the rest:
histograms and exemplars as a prompb.WriteRequest with their labels.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from appliance.base import zstd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_HEAD = struct.Struct("<IIII")
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class ForwardItem:
    """Samples on their way to other servers.

    Attributes:
        labels: [row], label fields as remote write 1 has them.
        rows: uint32[sample], into `labels`.
        times: int64[sample], milliseconds.
        values: float64[sample], no histograms.
        starts: int64[sample], 0 for unknown, or None.
        rest: Series with histograms and exemplars, a serialized prompb.WriteRequest.
    """

    labels: Sequence[bytes]
    rows: NDArray[np.uint32]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    starts: NDArray[np.int64] | None = None
    rest: bytes = b""

    def pack(self) -> bytes:
        """The item as bytes."""
        has_starts = self.starts is not None
        head = _HEAD.pack(len(self.labels), len(self.rows), has_starts, len(self.rest))
        lengths = np.fromiter(map(len, self.labels), dtype="<u4", count=len(self.labels))
        parts = [
            head,
            lengths.tobytes(),
            *self.labels,
            self.rows.astype("<u4").tobytes(),
            self.times.astype("<i8").tobytes(),
            self.values.astype("<f8").tobytes(),
            b"" if self.starts is None else self.starts.astype("<i8").tobytes(),
            self.rest,
        ]
        return zstd.compress(b"".join(parts), _LEVEL)

    @classmethod
    def unpack(cls, data: bytes) -> ForwardItem:
        """The item that `pack` made bytes of."""
        plain = zstd.decompress(data)
        rows, samples, has_starts, rest = _HEAD.unpack_from(plain)
        at = _HEAD.size
        lengths = np.frombuffer(plain, dtype="<u4", count=rows, offset=at).tolist()
        ends = accumulate(lengths, initial=at + 4 * rows)
        labels = [plain[start:end] for start, end in pairwise(ends)]
        at += 4 * rows + sum(lengths)
        row = np.frombuffer(plain, dtype="<u4", count=samples, offset=at)
        at += 4 * samples
        times = np.frombuffer(plain, dtype="<i8", count=samples, offset=at)
        at += 8 * samples
        values = np.frombuffer(plain, dtype="<f8", count=samples, offset=at)
        at += 8 * samples
        starts = None
        if has_starts:
            starts = np.frombuffer(plain, dtype="<i8", count=samples, offset=at)
            at += 8 * samples
        return cls(labels, row, times, values, starts, plain[at : at + rest])
