"""Samples of one chunk: what runs in the threads of the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.logql.grouping import group_codes
from appliance.logql.metric.cells import (
    NO_ITEMS,
    NO_TIMES,
    Items,
    Kind,
    Part,
    Samples,
    counted,
    items_of,
)
from appliance.logql.metric.pipeline_error import pipeline_error
from appliance.logql.metric.unwrap import Unwrapper
from appliance.logql.rows import rows_of
from appliance.logql.scanned import statistics_of
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.base.errors import BadInput
    from appliance.logql.metric.plan import SamplePlan
    from appliance.logql.metric.steps import Windows
    from appliance.logql.request import Statistics
    from appliance.logql.rows import Rows
    from appliance.model.log import LogChunk

#: Errors that parsers set; a query may ask for these by grouping.
_PARSE_ERRORS = frozenset({"JSONParserErr", "LogfmtParserErr"})
_PRESERVED = ("__preserve_error__", "true")


@dataclass(frozen=True, slots=True)
class ChunkPart(Part):
    """Cells of a chunk, or why there is no result.

    Attributes:
        error: The first entry in a window that a stage could not read.
    """

    statistics: Statistics
    error: BadInput | None = None


class ChunkReader:
    """Makes cells of chunks; shared by threads, which it does not mind."""

    def __init__(self, plan: SamplePlan, windows: Windows, kind: Kind) -> None:
        self._plan = plan
        self._windows = windows
        self._kind = kind
        self._unwrapper = Unwrapper(plan.unwrap) if plan.unwrap else None

    def __call__(self, chunk: LogChunk) -> ChunkPart:
        """The cells of a chunk."""
        plan = self._plan
        group = self._stream_group(chunk)
        if group is not None and not plan.pipeline.steps:
            items = self._whole(chunk)
            count = int(items.counts.sum())
            return ChunkPart(
                [group], items, statistics_of(chunk, count, reads_text=plan.counts_bytes)
            )
        rows = plan.pipeline.run(rows_of(chunk))
        values = None
        if self._unwrapper is not None:
            unwrapped = self._unwrapper.run(rows)
            rows, values = unwrapped.rows, unwrapped.values
        elif plan.counts_bytes:
            values = rows.line_lengths().astype(np.float64)
        return self._part(rows, values, group)

    def _stream_group(self, chunk: LogChunk) -> Labels | None:
        """The group of all entries if the stream's labels alone tell it."""
        plan = self._plan
        if plan.names is None or plan.is_without or not plan.is_label_free:
            return None
        pairs = [pair for pair in chunk.labels if pair[0] in plan.names]
        return Labels(pairs) if len(pairs) == len(plan.names) else None

    def _whole(self, chunk: LogChunk) -> Items:
        """Cells of a chunk of which every entry counts; looks at times and lengths alone."""
        windows = self._windows
        bounds = np.searchsorted(chunk.timestamps_ns, windows.edges, side="right")
        bounds = np.concatenate([[0], bounds, [len(chunk)]])
        counts = np.diff(bounds)
        used = np.flatnonzero((counts > 0) & windows.covered)
        if not self._plan.counts_bytes:
            return counted(used, counts[used])
        lengths = np.diff(chunk.offsets[bounds]) - counts
        return Items(used, counts[used], lengths[used].astype(np.float64), NO_TIMES)

    def _part(
        self, rows: Rows, values: NDArray[np.float64] | None, group: Labels | None
    ) -> ChunkPart:
        """Cells of rows, those outside of all windows left out."""
        statistics = statistics_of(rows.chunk, len(rows), reads_text=True)
        times = rows.times_ns
        intervals = self._windows.intervals(times)
        inside = self._windows.covered[intervals]
        if not inside.all():
            rows, times, intervals = rows.keep(inside), times[inside], intervals[inside]
            values = None if values is None else values[inside]
        failed = None if rows.errors is None else rows.errors.present()
        if failed is not None and failed.any():
            error = self._error(rows, failed)
            if error is not None:
                return ChunkPart([], NO_ITEMS, statistics, error)
        else:
            failed = None
        if group is not None:
            groups, codes = [group], None
        else:
            codes, groups = self._groups(rows, failed)
        if len(groups) == 1:
            codes = None
        samples = Samples(codes, intervals, values, times)
        return ChunkPart(groups, items_of(samples, self._kind, self._windows.width), statistics)

    def _error(self, rows: Rows, failed: NDArray[np.bool_]) -> BadInput | None:
        """The error that ends the query; None: all of them may stay."""
        if self._plan.keeps_parse_errors and rows.errors is not None:
            failed = failed & rows.errors.test(lambda kind: kind not in _PARSE_ERRORS, absent=False)
            if not failed.any():
                return None
        first = int(np.flatnonzero(failed)[0])
        return pipeline_error(rows.label_sets([first])[0].merged())

    def _groups(
        self, rows: Rows, failed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int32] | None, list[Labels]]:
        """The group of each row, and the groups; rows with an error keep all their labels."""
        plan = self._plan
        if failed is None:
            return group_codes(rows, plan.names, without=plan.is_without)
        good = np.flatnonzero(~failed)
        codes = np.empty(len(rows), dtype=np.int32)
        codes[good], groups = group_codes(rows.take(good), plan.names, without=plan.is_without)
        wrong = np.flatnonzero(failed)
        number = {labels: at for at, labels in enumerate(groups)}
        for row, labels in zip(wrong.tolist(), rows.label_sets(wrong.tolist()), strict=True):
            marked = Labels(sorted((*labels.merged(), _PRESERVED)))
            codes[row] = number.setdefault(marked, len(number))
        return codes, list(number)
