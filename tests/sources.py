"""Sources that hold plain lists: models of the stores, slow and obvious."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from appliance.base.clock import ManualClock
from appliance.model.exemplar import SeriesExemplars
from appliance.model.labels import Labels
from appliance.model.log import LogChunk, Metadata, PlainLines, StreamVolume
from appliance.model.matcher import Matcher, matches_all
from appliance.model.sample import SeriesGroup, filled_absent
from appliance.model.sources import Guard
from appliance.query.limits import QueryGuard, QueryLimits

T = TypeVar("T")


def make_guard(**limits: float) -> QueryGuard:
    return QueryGuard(QueryLimits(**limits), ManualClock())  # type: ignore[arg-type]  # by name


def labels(**pairs: str) -> Labels:
    """Labels; `name` stands for `__name__`."""
    return Labels.of({"__name__" if k == "name" else k: v for k, v in pairs.items()})


def chosen(alternatives: Sequence[tuple[Matcher, ...]], item: Labels) -> bool:
    return not alternatives or any(matches_all(matchers, item) for matchers in alternatives)


@dataclass
class _Labelled:
    """Label look-ups over `(labels, times)`."""

    def spans(self) -> Iterable[tuple[Labels, Sequence[int]]]:
        raise NotImplementedError

    def series(self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int) -> list[Labels]:
        return sorted(
            item
            for item, times in self.spans()
            if chosen(matchers, item) and any(start <= at <= end for at in times)
        )

    def label_names(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        return sorted({name for item in self.series(matchers, start, end) for name, _ in item})

    def label_values(
        self, name: str, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        found = {item.get(name) for item in self.series(matchers, start, end)}
        return sorted(found - {""})


@dataclass
class PlainSeries(_Labelled):
    """Samples by labels: {labels: {time_ms: value}}; groups of `group_size` series."""

    samples: Mapping[Labels, Mapping[int, float]] = field(default_factory=dict)
    group_size: int = 2

    def spans(self) -> Iterable[tuple[Labels, Sequence[int]]]:
        return [(item, list(points)) for item, points in self.samples.items()]

    def select(
        self, matchers: tuple[Matcher, ...], start_ms: int, end_ms: int, guard: Guard
    ) -> list[SeriesGroup]:
        wanted = [item for item in self.samples if matches_all(matchers, item)]
        groups = []
        for at in range(0, len(wanted), self.group_size):
            members = wanted[at : at + self.group_size]
            times = sorted(
                {t for item in members for t in self.samples[item] if start_ms <= t <= end_ms}
            )
            values = filled_absent((len(members), len(times)))
            for row, item in enumerate(members):
                for column, time in enumerate(times):
                    if time in self.samples[item]:
                        values[row, column] = self.samples[item][time]
            guard.add_samples(values.size)
            groups.append(SeriesGroup(members, np.array(times, dtype=np.int64), values))
        return groups

    def exemplars(
        self,
        matchers: Sequence[tuple[Matcher, ...]],  # noqa: ARG002 - it has none
        start_ms: int,  # noqa: ARG002
        end_ms: int,  # noqa: ARG002
    ) -> list[SeriesExemplars]:
        return []


@dataclass(frozen=True)
class Entry:
    time_ns: int
    line: str
    metadata: Metadata = ()


@dataclass
class PlainLogs(_Labelled):
    """Entries by labels, in order of arrival; chunks of `chunk_size` entries.

    `read` counts the chunks that were handed out.
    """

    streams: Mapping[Labels, Sequence[Entry]] = field(default_factory=dict)
    chunk_size: int = 3
    read: int = 0

    def spans(self) -> Iterable[tuple[Labels, Sequence[int]]]:
        return [(item, [e.time_ns for e in entries]) for item, entries in self.streams.items()]

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
        chunks = []
        for item, entries in self.streams.items():
            if not matches_all(matchers, item):
                continue
            kept = sorted(
                (e for e in entries if start_ns <= e.time_ns < end_ns), key=lambda e: e.time_ns
            )
            starts = range(0, len(kept), self.chunk_size)
            chunks += [make_chunk(item, kept[at : at + self.chunk_size]) for at in starts]
        if backward:
            chunks.sort(key=lambda chunk: -int(chunk.timestamps_ns[-1]))
        else:
            chunks.sort(key=lambda chunk: int(chunk.timestamps_ns[0]))
        for chunk in chunks:
            if all(needle in chunk.text for needle in needles):
                self.read += 1
                guard.add_bytes(len(chunk.text))
                yield work(chunk)

    def volumes(
        self, matchers: tuple[Matcher, ...], start_ns: int, end_ns: int, guard: Guard
    ) -> list[StreamVolume]:
        def volume(chunk: LogChunk) -> StreamVolume:
            return StreamVolume(chunk.labels, 1, len(chunk), len(chunk.text))

        found = list(self.scan(matchers, start_ns, end_ns, guard, work=volume))
        sums = {labels: [one for one in found if one.labels == labels] for labels in self.streams}
        return [
            StreamVolume(
                labels,
                sum(one.chunks for one in parts),
                sum(one.entries for one in parts),
                sum(one.text_bytes for one in parts),
            )
            for labels, parts in sorted(sums.items())
            if parts
        ]

    def volume_steps(
        self, matchers: tuple[Matcher, ...], steps: Sequence[tuple[int, int]], guard: Guard
    ) -> Iterator[list[StreamVolume]]:
        for start_ns, end_ns in steps:
            yield self.volumes(matchers, start_ns, end_ns, guard)


def make_chunk(item: Labels, entries: Sequence[Entry]) -> LogChunk:
    lines = [entry.line.encode() + b"\n" for entry in entries]
    distinct = [(), *sorted({entry.metadata for entry in entries} - {()})]
    return LogChunk(
        item,
        np.array([entry.time_ns for entry in entries], dtype=np.int64),
        PlainLines(b"".join(lines), np.cumsum([0, *map(len, lines)], dtype=np.int64)),
        distinct,
        np.array([distinct.index(entry.metadata) for entry in entries], dtype=np.int32),
    )
