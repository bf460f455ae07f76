"""From one target's exposition to a column of the store: labels, ids, staleness.

Invariants:
- Labels are computed and resolved once per series of the target; afterwards a scrape is array
  operations only.
- A series that was in the last column and is not in this one gets one staleness marker.
- An answer that breaks a limit or a rule writes nothing but staleness markers, and one that is
  refused for its new series gives the store none of them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput, LimitExceeded
from appliance.ingest.scrape.column import Column, Samples, stamped_batch
from appliance.ingest.scrape.histogram_limits import highest_schema, limited
from appliance.ingest.scrape.series_labels import LabelLimitExceeded, stored_labels
from appliance.model.sample import STALE
from appliance.wire.exposition import ParseOptions, ScrapeParser

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.ingest.scrape.config import ScrapeConfig
    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sources import MetricAppender
    from appliance.wire.exposition import Scrape

_UNRESOLVED, _DROPPED, _REFUSED = -1, -2, -3
_NO_IDS = np.zeros(0, dtype=np.int64)
#: Samples whose own times are further ahead are left out.
_MAX_AHEAD_MS = 600_000


class TargetSeries:
    """The series of one target; read in a worker thread when there is much to read.

    Args:
        target_labels: What every series gets.
        job: With the defaults filled in.
        appender: Gives ids.
        tenant: Whose series these are.
    """

    def __init__(
        self, target_labels: Labels, job: ScrapeConfig, appender: MetricAppender, *, tenant: str
    ) -> None:
        self._target_labels = target_labels
        self._job = job
        self._appender = appender
        self._lock = threading.Lock()
        self._tenant = tenant
        self._parser = ScrapeParser(_options(job))
        self._generation = 0
        self._known_ids = _NO_IDS
        self.live_ids = _NO_IDS
        self._forget()

    @property
    def is_new(self) -> bool:
        """Whether nothing has been read yet, so that the first time will take longer."""
        return not self._parser.labels

    def set_job(self, job: ScrapeConfig) -> None:
        """Change how labels are made; series are told apart from their old selves by staleness."""
        with self._lock:
            if _options(job) != _options(self._job):
                self._parser = ScrapeParser(_options(job))
                self._generation = 0
            self._job = job
            self._forget()

    def forget(self) -> None:
        """Drop all ids: the store does not know (all of) them any more."""
        with self._lock:
            self._forget()
            self.live_ids = self._known_ids = _NO_IDS

    def _forget(self) -> None:
        self._row_ids = _NO_IDS
        self._labels: dict[int, Labels] = {}
        self._waiting: dict[int, Labels] = {}
        self._refused: dict[int, BadInput] = {}
        self._shared_ids = False
        self._last_rows: NDArray[np.int64] | None = None
        self._last_keep: NDArray[np.bool_] | None = None
        self._last_sample_ids = _NO_IDS

    def read(self, body: bytes, content_type: str, timestamp_ms: int) -> Column:
        """The column of one answer; `Column.error` says what is wrong with it.

        Raises:
            LimitExceeded, Unavailable: The store takes no more series.
        """
        with self._lock:
            try:
                scrape = self._parser.parse(body, content_type)
            except BadInput as error:
                return self._stale(error.message)
            return self._column(scrape, timestamp_ms)

    def stale(self) -> Column:
        """The column of a scrape that failed: every series ends."""
        with self._lock:
            return self._stale("")

    def _stale(self, error: str, samples: Samples | None = None, limit: str = "") -> Column:
        """Staleness markers for all, and what the answer would have brought."""
        gone, self.live_ids = self.live_ids, _NO_IDS
        return Column(
            ids=gone,
            values=np.full(len(gone), STALE),
            scraped=0 if samples is None else samples.scraped,
            kept=0 if samples is None else samples.kept,
            error=error,
            limit=limit,
        )

    def _column(self, scrape: Scrape, timestamp_ms: int) -> Column:
        if self._parser.generation != self._generation:
            self._generation = self._parser.generation
            self._forget()
        samples = Samples(scraped=scrape.sample_count)
        self._prepare()
        if self._waiting and self._is_over_limit(scrape, samples):
            return self._stale("sample limit exceeded", samples, "sample_limit")
        self._resolve(scrape)
        try:
            self._take(scrape, samples, timestamp_ms)
            self._check(samples)
        except LabelLimitExceeded as error:
            return self._stale(error.message, samples, "label_limits")
        except LimitExceeded as error:
            return self._stale(error.message, samples, error.limit)
        except BadInput as error:
            return self._stale(error.message, samples)
        stamped = None
        live = samples.ids
        if samples.stamped:
            stamped = stamped_batch(samples.stamped, self._labels_of, samples.histograms)
            if self._job.track_timestamps_staleness:
                live = np.union1d(live, self._row_ids[[row for row, _, _ in samples.stamped]])
        gone, added = self._changes(live)
        self.live_ids = self._known_ids = live
        return Column(
            ids=np.concatenate([samples.ids, gone]) if len(gone) else samples.ids,
            values=_with_stale(samples.values, len(gone)),
            stamped=stamped,
            extras=samples.extras(scrape.exemplars, self._row_ids, timestamp_ms, len(gone)),
            scraped=samples.scraped,
            kept=samples.kept,
            added=added,
            metadata=scrape.metadata,
        )

    def _take(self, scrape: Scrape, samples: Samples, timestamp_ms: int) -> None:
        """Which samples of an answer are kept, under which ids.

        Raises:
            BadInput: A series is refused.
        """
        keep, ids = self._ids_of(scrape, samples)
        values, starts = scrape.values, scrape.starts_ms
        if keep is not None:
            values = values[keep]
            starts = None if starts is None else starts[keep]
        latest_ms = timestamp_ms + _MAX_AHEAD_MS
        samples.stamped = [
            item
            for item in scrape.stamped
            if self._row_ids[item[0]] >= 0 and (item[1] <= latest_ms or not self._honors_times)
        ]
        samples.kept = scrape.duplicates + len(ids) + len(samples.stamped)
        if self._shared_ids:
            ids, first = np.unique(ids, return_index=True)
            values = values[first]
            starts = None if starts is None else starts[first]
        samples.ids, samples.values, samples.starts_ms = ids, values, starts
        samples.histograms = scrape.histograms
        if samples.stamped and not self._honors_times:
            self._at_scrape_time(samples)

    @property
    def _honors_times(self) -> bool:
        return self._job.honor_timestamps

    def _check(self, samples: Samples) -> None:
        """Apply limits on samples and on histograms.

        Raises:
            LimitExceeded: There are too many.
        """
        if 0 < self._job.sample_limit < samples.kept:
            raise LimitExceeded("sample limit exceeded", limit="sample_limit")
        if not samples.histograms:
            return
        max_buckets = self._job.native_histogram_bucket_limit
        max_schema = highest_schema(self._job.native_histogram_min_bucket_factor)
        found: list[Histogram] = [
            limited(one, max_buckets=max_buckets, max_schema=max_schema)
            for one in samples.histograms
        ]
        samples.histograms = found

    def _ids_of(
        self, scrape: Scrape, samples: Samples
    ) -> tuple[NDArray[np.bool_] | None, NDArray[np.int64]]:
        """Which samples are kept (None: all) and their ids; the same arrays for the same rows.

        Raises:
            BadInput: A series is refused; `samples` counts what was before it.
        """
        if scrape.rows is self._last_rows:
            return self._last_keep, self._last_sample_ids
        found = self._row_ids[scrape.rows]
        refused = np.flatnonzero(found == _REFUSED)
        if len(refused):
            at = int(refused[0])
            samples.scraped, samples.kept = at + 1, int((found[:at] >= 0).sum())
            raise self._refused[int(scrape.rows[at])]
        mask = found >= 0
        keep = None if bool(mask.all()) else mask
        ids = found if keep is None else found[keep]
        if len(ids) == len(self.live_ids) and np.array_equal(ids, self.live_ids):
            ids = self.live_ids
        self._last_rows, self._last_keep, self._last_sample_ids = scrape.rows, keep, ids
        return keep, ids

    def _changes(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """Ids that have gone since the last column, and the number of those that came.

        What came back after a failed scrape has not come: Prometheus' cache keeps it too.
        """
        if ids is self.live_ids:
            return _NO_IDS, 0
        gone = np.setdiff1d(self.live_ids, ids)
        return gone, len(np.setdiff1d(ids, self._known_ids))

    def _prepare(self) -> None:
        """Find out under which labels rows that are new will be stored, if at all."""
        labels = self._parser.labels
        missing = len(labels) - len(self._row_ids)
        if not missing:
            return
        first = len(self._row_ids)
        new = np.full(missing, _UNRESOLVED, dtype=np.int64)
        self._row_ids = np.concatenate([self._row_ids, new])
        for row in range(first, len(labels)):
            try:
                final = stored_labels(labels[row], self._target_labels, self._job)
            except BadInput as error:
                self._row_ids[row], self._refused[row] = _REFUSED, error
                continue
            if final is None:
                self._row_ids[row] = _DROPPED
            else:
                self._waiting[row] = final

    def _is_over_limit(self, scrape: Scrape, samples: Samples) -> bool:
        """Whether an answer with new series has too many, before the store learns of them."""
        limit = self._job.sample_limit
        found = self._row_ids[scrape.rows]
        if not limit or (found == _REFUSED).any():
            return False
        is_kept = (self._row_ids >= 0) | (self._row_ids == _UNRESOLVED)
        kept = scrape.duplicates + int(is_kept[scrape.rows].sum())
        kept += sum(bool(is_kept[row]) for row, _, _ in scrape.stamped)
        if kept > limit:
            samples.kept = kept
        return kept > limit

    def _resolve(self, scrape: Scrape) -> None:
        """Give ids to new rows of an answer; they keep trying while the store refuses."""
        if not self._waiting:
            return
        is_there = np.zeros(len(self._row_ids), dtype=np.bool_)
        is_there[scrape.rows] = True
        is_there[[row for row, _, _ in scrape.stamped]] = True
        rows = [row for row in self._waiting if is_there[row]]
        if not rows:
            return
        ids = self._appender.resolve(self._tenant, [self._waiting[row] for row in rows])
        self._row_ids[rows] = ids
        for row in rows:
            del self._waiting[row]
        resolved = self._row_ids[self._row_ids >= 0]
        self._shared_ids = len(set(resolved.tolist())) < len(resolved)

    def _labels_of(self, row: int) -> Labels:
        """What a row that is kept is stored under."""
        labels = self._labels.get(row)
        if labels is None:
            exposed = self._parser.labels[row]
            labels = stored_labels(exposed, self._target_labels, self._job) or exposed
            self._labels[row] = labels
        return labels

    def _at_scrape_time(self, samples: Samples) -> None:
        """Samples whose own times are not honoured, with the others; of equal series the first."""
        more = self._row_ids[[row for row, _, _ in samples.stamped]]
        ids = np.concatenate([samples.ids, more])
        values = np.concatenate(
            [samples.values, np.array([value for _, _, value in samples.stamped])]
        )
        _, first = np.unique(ids, return_index=True)
        first.sort()
        samples.ids, samples.values = ids[first], values[first]
        if samples.starts_ms is not None:
            none = np.zeros(len(more), dtype=np.int64)
            samples.starts_ms = np.concatenate([samples.starts_ms, none])[first]
        samples.stamped = []


def _options(job: ScrapeConfig) -> ParseOptions:
    return ParseOptions(
        native_histograms=bool(job.scrape_native_histograms),
        keep_classic=bool(job.always_scrape_classic_histograms),
        custom_buckets=bool(job.convert_classic_histograms_to_nhcb),
    )


def _with_stale(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.concatenate([values, np.full(count, STALE)]) if count else values
