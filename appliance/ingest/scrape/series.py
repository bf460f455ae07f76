"""From one target's exposition to a column of the store: labels, ids, staleness.

Invariants:
- Labels are computed and resolved once per series of the target; afterwards a scrape is array
  operations only.
- A series that was in the last column and is not in this one gets one staleness marker.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput, LimitExceeded
from appliance.model.labels import Labels
from appliance.model.sample import STALE, SampleBatch
from appliance.relabel import relabel
from appliance.wire.exposition import ScrapeParser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.ingest.scrape.config import ScrapeConfig
    from appliance.model.sample import MetricMetadata
    from appliance.model.sources import MetricAppender
    from appliance.wire.exposition import Scrape

_UNRESOLVED, _DROPPED, _REFUSED = -1, -2, -3
_NO_IDS = np.zeros(0, dtype=np.int64)
_NO_VALUES = np.zeros(0, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Column:
    """What one scrape writes.

    Attributes:
        ids, values: int64[series], float64[series]: samples at the time of the scrape, then the
            staleness markers of series that have gone.
        stamped: Samples with times of their own, or None.
        scraped: Samples in the exposition.
        kept: Samples after relabelling.
        added: Series that were not in the last column.
        metadata: By metric name; empty when unchanged.
    """

    ids: NDArray[np.int64]
    values: NDArray[np.float64]
    stamped: SampleBatch | None
    scraped: int
    kept: int
    added: int
    metadata: dict[str, MetricMetadata]


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
        self._parser = ScrapeParser()
        self._generation = 0
        self._row_ids = _NO_IDS
        self._labels: dict[int, Labels] = {}
        self._refused: dict[int, str] = {}
        self._shared_ids = False
        self._last_rows: NDArray[np.int64] | None = None
        self._last_keep: NDArray[np.bool_] | None = None
        self._last_sample_ids = _NO_IDS
        self.live_ids = _NO_IDS

    @property
    def is_new(self) -> bool:
        """Whether nothing has been read yet, so that the first time will take longer."""
        return not self._parser.labels

    def set_job(self, job: ScrapeConfig) -> None:
        """Change how labels are made; series are told apart from their old selves by staleness."""
        with self._lock:
            self._job = job
            self._forget()

    def forget(self) -> None:
        """Drop all ids: the store does not know (all of) them any more."""
        with self._lock:
            self._forget()
            self.live_ids = _NO_IDS

    def _forget(self) -> None:
        self._row_ids = _NO_IDS
        self._labels = {}
        self._refused = {}
        self._shared_ids = False
        self._last_rows = None

    def read(self, body: bytes, content_type: str) -> Column:
        """The column of one successful answer.

        Raises:
            BadInput: The text is broken, or a label is too long or one too many.
            LimitExceeded: More samples than the job or more series than the tenant may have.
        """
        with self._lock:
            return self._read(body, content_type)

    def _read(self, body: bytes, content_type: str) -> Column:
        scrape = self._parser.parse(body, content_type)
        if self._parser.generation != self._generation:
            self._generation = self._parser.generation
            self._forget()
        self._resolve()
        keep, ids = self._ids_of(scrape)
        values = scrape.values if keep is None else scrape.values[keep]
        if self._shared_ids:
            ids, first = np.unique(ids, return_index=True)
            values = values[first]
        stamped_rows = [item for item in scrape.stamped if self._row_ids[item[0]] >= 0]
        kept = len(ids) + len(stamped_rows)
        if 0 < self._job.sample_limit < kept:
            raise LimitExceeded("sample limit exceeded", limit="sample_limit")
        if stamped_rows and not self._job.honor_timestamps:
            ids, values = self._at_scrape_time(ids, values, stamped_rows)
            stamped_rows = []
        batch = self._stamped(stamped_rows) if stamped_rows else None
        gone, added = self._changes(ids)
        self.live_ids = ids
        return Column(
            ids=np.concatenate([ids, gone]) if len(gone) else ids,
            values=np.concatenate([values, np.full(len(gone), STALE)]) if len(gone) else values,
            stamped=batch,
            scraped=scrape.sample_count,
            kept=kept,
            added=added,
            metadata=scrape.metadata,
        )

    def stale(self) -> Column:
        """The column of a scrape that failed: every series ends."""
        with self._lock:
            gone, self.live_ids = self.live_ids, _NO_IDS
        values = np.full(len(gone), STALE)
        return Column(gone, values, None, scraped=0, kept=0, added=0, metadata={})

    def _ids_of(self, scrape: Scrape) -> tuple[NDArray[np.bool_] | None, NDArray[np.int64]]:
        """Which samples are kept (None: all) and their ids; the same arrays for the same rows."""
        if scrape.rows is self._last_rows:
            return self._last_keep, self._last_sample_ids
        found = self._row_ids[scrape.rows]
        refused = scrape.rows[found == _REFUSED]
        if len(refused):
            raise BadInput(self._refused[int(refused[0])])
        mask = found >= 0
        keep = None if bool(mask.all()) else mask
        ids = found if keep is None else found[keep]
        if len(ids) == len(self.live_ids) and np.array_equal(ids, self.live_ids):
            ids = self.live_ids
        self._last_rows, self._last_keep, self._last_sample_ids = scrape.rows, keep, ids
        return keep, ids

    def _changes(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """Ids that have gone since the last column, and the number of those that came."""
        if ids is self.live_ids:
            return _NO_IDS, 0
        gone = np.setdiff1d(self.live_ids, ids)
        return gone, len(ids) - (len(self.live_ids) - len(gone))

    def _resolve(self) -> None:
        """Give ids to rows that have none yet; they keep trying while the store refuses."""
        labels = self._parser.labels
        missing = len(labels) - len(self._row_ids)
        if missing:
            new = np.full(missing, _UNRESOLVED, dtype=np.int64)
            self._row_ids = np.concatenate([self._row_ids, new])
        open_rows = np.flatnonzero(self._row_ids == _UNRESOLVED)
        if not len(open_rows):
            return
        wanted: list[tuple[int, Labels]] = []
        for row in open_rows.tolist():
            try:
                final = self._mutated(labels[row])
            except BadInput as error:
                self._row_ids[row], self._refused[row] = _REFUSED, error.message
                continue
            if final is None:
                self._row_ids[row] = _DROPPED
            else:
                wanted.append((row, final))
        if wanted:
            ids = self._appender.resolve(self._tenant, [final for _, final in wanted])
            self._row_ids[[row for row, _ in wanted]] = ids
            resolved = self._row_ids[self._row_ids >= 0]
            self._shared_ids = len(set(resolved.tolist())) < len(resolved)

    def _mutated(self, exposed: Labels) -> Labels | None:
        """The labels a series is stored under; None when it is dropped.

        Raises:
            BadInput: A limit on labels is exceeded, or the name is gone.
        """
        labels = _merged(exposed, self._target_labels, honor=self._job.honor_labels)
        final = relabel(labels, self._job.metric_relabel_configs)
        if not final:
            return None
        if not final.get("__name__"):
            raise BadInput("missing metric name (__name__ label)")
        self._check_limits(final)
        return final

    def _check_limits(self, labels: Labels) -> None:
        job, name = self._job, labels.get("__name__")[:50]
        if 0 < job.label_limit < len(labels):
            raise BadInput(
                f"label_limit exceeded (metric: {name!r}, number of labels: {len(labels)},"
                f" limit: {job.label_limit})"
            )
        if not (job.label_name_length_limit or job.label_value_length_limit):
            return
        for label, value in labels:
            for what, text, limit in (
                ("name", label, job.label_name_length_limit),
                ("value", value, job.label_value_length_limit),
            ):
                if 0 < limit < len(text.encode()):
                    raise BadInput(
                        f"label_{what}_length_limit exceeded (metric: {name!r}, label {what}:"
                        f" {text[:50]!r}, length: {len(text.encode())}, limit: {limit})"
                    )

    def _at_scrape_time(
        self,
        ids: NDArray[np.int64],
        values: NDArray[np.float64],
        stamped: Sequence[tuple[int, int, float]],
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Samples whose own times are not honoured, with the others; of equal series the first."""
        more = self._row_ids[[row for row, _, _ in stamped]]
        all_ids = np.concatenate([ids, more])
        all_values = np.concatenate([values, np.array([value for _, _, value in stamped])])
        _, first = np.unique(all_ids, return_index=True)
        first.sort()
        return all_ids[first], all_values[first]

    def _stamped(self, stamped: Sequence[tuple[int, int, float]]) -> SampleBatch:
        rows = list(dict.fromkeys(row for row, _, _ in stamped))
        labels: dict[Labels, int] = {}
        place: dict[int, int] = {}
        for row in rows:
            if row not in self._labels:
                self._labels[row] = self._mutated(self._parser.labels[row]) or Labels()
            place[row] = labels.setdefault(self._labels[row], len(labels))
        return SampleBatch(
            labels=list(labels),
            series=np.array([place[row] for row, _, _ in stamped], dtype=np.int64),
            timestamps_ms=np.array([time for _, time, _ in stamped], dtype=np.int64),
            values=np.array([value for _, _, value in stamped], dtype=np.float64),
        )


def _merged(exposed: Labels, target: Labels, *, honor: bool) -> Labels:
    """Exposed labels with the target's; on a clash one of both gives way (`honor_labels`)."""
    if honor:
        return Labels.of(dict(target) | dict(exposed))
    merged = dict(exposed) | dict(target)
    clashes = [(name, value) for name, value in exposed if target.get(name)]
    for name, value in sorted(clashes, key=lambda pair: len(pair[0])):
        free = "exported_" + name
        while free in merged:
            free = "exported_" + free
        merged[free] = value
    return Labels.of(merged)
