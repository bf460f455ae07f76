"""Patterns of the lines of some streams, and how often they occur over time.

They are found when they are asked for, in a sample of the lines if there are many: nothing is kept
beside the lines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.lines import drain
from appliance.model.log import PlainLines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.log import LogChunk
    from appliance.model.matcher import Matcher
    from appliance.model.sources import Guard, LogSource

#: Lines that are looked at; of more, every second, third … is.
_SAMPLE = 100_000
#: Different masked lines that are kept at a time; the rarest go.
_MAX_DISTINCT = 20_000
#: Patterns that are told of each level.
_MAX_PATTERNS = 300
_UNKNOWN = "unknown"

#: Lines by level, masked line and interval.
_Counts = dict[tuple[str, bytes], Counter[int]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What some lines have in common.

    Attributes:
        text: With `<_>` for what differs; the pattern filter `|>` finds its lines.
        level: Their `detected_level`.
        counts: Time and number of lines of intervals that have any, ascending.
    """

    text: str
    level: str
    counts: Sequence[tuple[int, int]]


def find_patterns(
    source: LogSource,
    matchers: tuple[Matcher, ...],
    bounds: tuple[int, int],
    *,
    step_ns: int,
    guard: Guard,
) -> list[Pattern]:
    """Patterns of the lines in a time range, the most frequent first.

    Args:
        bounds: Start and end in nanoseconds; the end is not included.
        step_ns: Length of an interval.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    start, end = bounds
    lines = sum(volume.entries for volume in source.volumes(matchers, start, end, guard))
    every = max(1, -(-lines // _SAMPLE))

    def work(chunk: LogChunk) -> _Counts:
        return _count(chunk, step_ns, every)

    total: _Counts = defaultdict(Counter)
    for counts in source.scan(matchers, start, end, guard, work=work):
        guard.check()
        for key, found in counts.items():
            total[key].update(found)
        if len(total) > 2 * _MAX_DISTINCT:
            total = _most_frequent(total)
    return _patterns(total, every)


def _count(chunk: LogChunk, step_ns: int, every: int) -> _Counts:
    """Lines of a chunk by masked line, level and interval."""
    rows = np.arange(0, len(chunk), every)
    text, offsets = chunk.text, chunk.offsets
    if every > 1:
        taken = PlainLines(text, offsets).take(rows)
        text, offsets = taken.text, taken.offsets
    masked = _masked(text, offsets)
    levels = [_level_of(pairs) for pairs in chunk.metadata]
    times = (chunk.timestamps_ns[rows] // step_ns * step_ns).tolist()
    counts: _Counts = defaultdict(Counter)
    ids = chunk.metadata_ids[rows].tolist()
    for (level, line, time_ns), count in Counter(
        zip(map(levels.__getitem__, ids), masked, times, strict=True)
    ).items():
        counts[level, line][time_ns] += count
    return counts if len(counts) <= _MAX_DISTINCT else _most_frequent(counts)


def _masked(text: bytes, offsets: NDArray[np.int64]) -> list[bytes]:
    """[line], each with what varies masked."""
    lines = drain.mask(text).split(b"\n")[:-1]
    if len(lines) == len(offsets) - 1:
        return lines
    whole = PlainLines(text, offsets)  # some hold newlines
    return drain.mask(b"\n".join([line.replace(b"\n", b" ") for line in whole])).split(b"\n")


def _level_of(pairs: Sequence[tuple[str, str]]) -> str:
    return dict(pairs).get("detected_level", _UNKNOWN)


def _most_frequent(counts: _Counts) -> _Counts:
    ordered = sorted(counts.items(), key=lambda item: -item[1].total())
    return defaultdict(Counter, ordered[:_MAX_DISTINCT])


def _patterns(counts: _Counts, every: int) -> list[Pattern]:
    by_level: dict[str, dict[bytes, Counter[int]]] = {}
    for (level, line), found in counts.items():
        by_level.setdefault(level, {})[line] = found
    weighted = []
    for level, lines in by_level.items():
        weights = {line: found.total() for line, found in lines.items()}
        for one in drain.cluster(weights, most=_MAX_PATTERNS):
            times: Counter[int] = Counter()
            for line in one.members:
                times.update(lines[line])
            samples = [(time_ns, count * every) for time_ns, count in sorted(times.items())]
            weighted.append((-one.weight, Pattern(one.text, level, samples)))
    return [pattern for _, pattern in sorted(weighted, key=lambda item: (item[0], item[1].text))]
