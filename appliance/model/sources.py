"""Protocols through which engines read and doors write; the store implements them.

A source belongs to one tenant. All methods are plain calls that may take long: call them in a
worker thread. Engines see groups, chunks and columns, never rows and never SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.deletion import Deleted, DeleteRequest
    from appliance.model.exemplar import SeriesExemplars
    from appliance.model.labels import Labels
    from appliance.model.log import LogChunk, StreamBatch, StreamVolume
    from appliance.model.matcher import Matcher
    from appliance.model.sample import ColumnExtras, MetricMetadata, SampleBatch, SeriesGroup
    from appliance.model.trace import SpanBatch, SpanColumns, TraceSpans


T = TypeVar("T")


class Guard(Protocol):
    """Bounds of one query (`query/limits.py` has the real one); checked between blocks."""

    def check(self) -> None:
        """Raise TimedOut when the time is up or the client has gone."""
        ...

    def add_series(self, count: int) -> None:
        """Count selected series; raise LimitExceeded over the limit."""
        ...

    def add_samples(self, count: int) -> None:
        """Count loaded samples; raise LimitExceeded over the limit."""
        ...

    def free_samples(self, count: int) -> None:
        """Samples that were counted are let go."""
        ...

    def add_bytes(self, count: int) -> None:
        """Count decoded bytes; raise LimitExceeded over the limit."""
        ...


class LabelSource(Protocol):
    """Labels of what is stored, of series or of streams."""

    def label_names(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """Names in use, sorted. `matchers` are alternatives; none means everything.

        start, end: Both included; milliseconds for series, nanoseconds for streams.
        """
        ...

    def label_values(
        self, name: str, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """Values of a label, sorted."""
        ...

    def series(self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int) -> list[Labels]:
        """Label sets with data between start and end, sorted."""
        ...


class SeriesSource(LabelSource, Protocol):
    """Samples of one tenant."""

    def select(
        self, matchers: tuple[Matcher, ...], start_ms: int, end_ms: int, guard: Guard
    ) -> Iterable[SeriesGroup]:
        """Select series and their samples, some groups at a time while they are iterated over.

        Args:
            matchers: All must hold; the empty tuple selects everything.
            start_ms, end_ms: Both included.
            guard: Deadline and limits, checked between blocks. Cells of groups are counted as
                samples; who lets go of a group frees `values.size` of them.

        Returns:
            Groups of series; a series occurs in exactly one group; timestamps ascend without
            duplicates. Groups have no order.

        Raises:
            LimitExceeded, TimedOut: As the guard says.
        """
        ...

    def exemplars(
        self, matchers: Sequence[tuple[Matcher, ...]], start_ms: int, end_ms: int
    ) -> list[SeriesExemplars]:
        """Exemplars of series that match one of the alternatives, sorted by labels.

        start_ms, end_ms: Both included.
        """
        ...


class LogSource(LabelSource, Protocol):
    """Log entries of one tenant."""

    def scan(
        self,
        matchers: tuple[Matcher, ...],
        start_ns: int,
        end_ns: int,
        guard: Guard,
        *,
        work: Callable[[LogChunk], T],
        needles: Sequence[bytes] = (),
        backward: bool = False,
    ) -> Iterator[T]:
        """What `work` makes of chunks with entries in [start_ns, end_ns), cut to that range.

        Chunks are worked on a few at a time in several threads; results come in the chunks' order.
        Closing the iterator stops it. An exact duplicate (stream, time, line) is met once.

        Args:
            work: Called once per chunk, in any thread; the empty chunk never comes. Lines are
                read by it, not later: a chunk whose lines turn out to be damaged is skipped.
            needles: Strings that every line of interest contains; chunks whose token filter rules
                one out are skipped. The reader still has to filter lines.
            backward: Chunks by descending newest entry, not by ascending oldest entry. Chunks may
                overlap in time: of later ones only that bound is known.
        """
        ...

    def volumes(
        self, matchers: tuple[Matcher, ...], start_ns: int, end_ns: int, guard: Guard
    ) -> list[StreamVolume]:
        """How much each stream has in [start_ns, end_ns), sorted by labels; reads no lines."""
        ...

    def volume_steps(
        self, matchers: tuple[Matcher, ...], steps: Sequence[tuple[int, int]], guard: Guard
    ) -> Iterator[list[StreamVolume]]:
        """The same for each of some ranges that ascend and do not overlap."""
        ...


class SpanSource(Protocol):
    """Spans of one tenant."""

    def trace(self, trace_id: bytes, guard: Guard, *, max_bytes: int | None = None) -> TraceSpans:
        """The spans of a trace, ascending by start, each once; empty when unknown.

        Args:
            max_bytes: Stop at about so many bytes of spans; the result tells (`is_partial`).
        """
        ...

    def scan(self, start_ns: int, end_ns: int, guard: Guard) -> Iterator[SpanColumns]:
        """Blocks that may hold spans starting in [start_ns, end_ns), newest first."""
        ...

    def whole_traces(
        self, start_ns: int, end_ns: int, guard: Guard
    ) -> AbstractContextManager[Sequence[SpanColumns]]:
        """Blocks that may hold spans of which some part lies in [start_ns, end_ns), newest first.

        They can be read as long as the context is open. Each trace is whole in exactly one of
        them, as far as these blocks have it: spans of traces that are in several are not `live`
        there and come together in one more block.
        """
        ...

    def services(self) -> list[str]:
        """Service names, sorted."""
        ...

    def operations(self, service: str) -> list[tuple[str, int]]:
        """Span names of a service with their kinds (OTLP numbers), sorted."""
        ...


class MetricAppender(Protocol):
    """The way of samples into the store. A result's future ends after the commit."""

    def resolve(self, tenant: str, labels: Sequence[Labels]) -> NDArray[np.int64]:
        """Series ids: int64[series]; unknown series get one, made durable with the next append.

        Raises:
            LimitExceeded: The tenant has too many series.
        """
        ...

    def append_column(
        self,
        tenant: str,
        group: str,
        timestamp_ms: int,
        ids: NDArray[np.int64],
        values: NDArray[np.float64],
        *,
        extras: ColumnExtras | None = None,
    ) -> Future[None]:
        """One scrape: values of series ids (distinct) at one time, kept together under `group`.

        extras: Histograms that boxed values refer to, start times, exemplars.
        """
        ...

    def append(self, tenant: str, batch: SampleBatch) -> Future[None]:
        """Samples with times of their own, in any order; a repeated (series, time) is kept once."""
        ...


class KeyedAppender(MetricAppender, Protocol):
    """An appender for those who send the same series again and again.

    Use: `ids = resolve_keys(tenant, request.keys, labels_of_row)`, then
    `append_resolved(tenant, ids, batch)`; when its future fails with Conflict (retention forgot a
    series just then), do both again.
    """

    def resolve_keys(
        self, tenant: str, keys: Sequence[bytes], make_labels: Callable[[int], Labels | None]
    ) -> NDArray[np.int64]:
        """Series ids by opaque keys, such as the labels' bytes on the wire: int64[key].

        A key that is known costs one look-up. Keys may repeat.

        Args:
            keys: Equal keys stand for equal labels, always; different keys may too.
            make_labels: Called with the index of each unknown key; None: there is no such series,
                the id is 0, and the key is not remembered.

        Raises:
            LimitExceeded: The tenant has too many series.
        """
        ...

    def append_resolved(
        self, tenant: str, ids: NDArray[np.int64], batch: SampleBatch
    ) -> Future[None]:
        """Like `append`, with ids in place of labels: int64[row], which `batch.series` refers to.

        Samples and exemplars of rows with id 0 are left out; `batch.labels` is not looked at.
        """
        ...


class MetadataKeeper(Protocol):
    """Type, unit and help of pushed metrics, kept over restarts."""

    def set_metadata(
        self, tenant: str, families: Mapping[str, MetricMetadata]
    ) -> Future[None] | None:
        """Take over what a push says, by metric name; None when nothing is new."""
        ...

    def metadata(self, tenant: str) -> Mapping[str, MetricMetadata]:
        """All that is known, by metric name."""
        ...


class LogAppender(Protocol):
    """The way of log entries into the store. A result's future ends after the commit.

    Of exact duplicates (stream, time, line) the first one is kept.
    """

    def append(self, tenant: str, streams: Sequence[StreamBatch]) -> Future[None]:
        """Entries of some streams, all or none."""
        ...

    def append_many(
        self,
        requests: Sequence[tuple[str, Sequence[StreamBatch]]],
        marks: Mapping[str, str],
    ) -> Future[None]:
        """Entries of several tenants, and marks, all or none: one transaction has them all.

        Args:
            requests: Tenant and streams; a tenant may come again. May be empty.
            marks: Values by name, kept from then on; see `MarkKeeper`.
        """
        ...


class MarkKeeper(Protocol):
    """Named positions that are durable together with the entries that were read up to them."""

    def marks(self, prefix: str) -> dict[str, str]:
        """Values of all marks whose name begins with `prefix`, by name."""
        ...

    def drop_marks(self, names: Collection[str]) -> Future[None]:
        """Forget marks; names that are not there are none the worse."""
        ...


class LogWatch(Protocol):
    """Entries as they are stored."""

    def watch(
        self, tenant: str, matchers: tuple[Matcher, ...], notice: Callable[[LogChunk], None]
    ) -> Callable[[], None]:
        """Be told of entries of streams that match, from now on.

        Args:
            notice: Called after the commit, once per stream of a request, in the store's writer
                thread: it must neither wait nor raise; one that raises is not called again.

        Returns:
            Ends the watch; may be called more than once.
        """
        ...


class LogDeletions(Protocol):
    """Requests to delete entries, their execution, and the proof of it."""

    def create_deletion(
        self, tenant: str, query: str, start_ns: int, end_ns: int
    ) -> Future[DeleteRequest]:
        """Note a request; somebody else carries it out. The range is [start_ns, end_ns)."""
        ...

    def deletions(self, tenant: str | None = None) -> list[DeleteRequest]:
        """Requests of a tenant (None: of all), oldest first."""
        ...

    def cancel_deletion(self, tenant: str, number: int, *, force: bool = False) -> None:
        """Forget a request, with `force` even one that is under way.

        Raises:
            NotFound: There is none of this number.
            Conflict: It is under way or done.
        """
        ...

    def finish_deletion(self, number: int) -> bool:
        """Erase what a request has deleted from the files, then note that all of it is done.

        Call it after `delete`, in a worker thread.

        Returns:
            Whether no file of the store holds anything of it any more: not so while a reader keeps
            an old view for long, or where a part of the file cannot be read.

        Raises:
            Unavailable: The database cannot write.
        """
        ...

    def delete(
        self,
        tenant: str,
        matchers: tuple[Matcher, ...],
        start_ns: int,
        end_ns: int,
        *,
        choose: Callable[[LogChunk], NDArray[np.bool_]] | None = None,
        request: int | None = None,
    ) -> Deleted:
        """Delete entries with times in [start_ns, end_ns), for good; call in a worker thread.

        Can be repeated after a crash: it then deletes what is left.

        Args:
            choose: Which entries of a chunk go: bool[entry]; None: all of them.
            request: The request on whose behalf, which keeps count of what was removed.

        Returns:
            What this call has removed.

        Raises:
            Unavailable: The database cannot write; what has been deleted so far stays deleted.
        """
        ...


class SpanAppender(Protocol):
    """The way of spans into the store. A result's future ends after the commit."""

    def append(self, tenant: str, batch: SpanBatch) -> Future[None]:
        """Spans of one request, all or none."""
        ...
