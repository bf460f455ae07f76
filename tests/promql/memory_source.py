"""Series in memory, written in the notation of Prometheus' own tests.

    source = loaded('''
        load 30s
            up{job="a"}  1+1x3 _ stale 7
            h            {{schema:0 count:3 sum:5 buckets:[1 2]}}x2
    ''')

A value is a number, `_` (nothing), `stale`, or a histogram; `a+bxn` is a, a+b, …, n times more;
`axn` repeats. The first stands at 0, each next one a step later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from appliance.base.duration import parse_duration
from appliance.model.exemplar import SeriesExemplars
from appliance.model.histogram import CUSTOM_SCHEMA, Buckets, Histogram, ResetHint
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, matches_all
from appliance.model.sample import STALE, SeriesGroup, box_histograms, filled_absent
from appliance.model.sources import Guard
from appliance.model.value import Matrix, QueryResult, Vector
from tests.sources import chosen, make_guard

Value = float | Histogram
_METRIC = re.compile(r"\s*([a-zA-Z_:][\w:]*)?(\{(?!\{)[^}]*\})?\s+(.*)")
_PAIR = re.compile(r'\s*("[^"]*"|[\w.]+)\s*(?:=\s*"((?:[^"\\]|\\.)*)")?\s*,?')
_VALUE = re.compile(
    r"(?P<nothing>_)|(?P<stale>stale)|\{\{(?P<histogram>[^}]*)\}\}"
    r"|(?P<number>[+-]?(?:0x[\da-f]+|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+|inf|nan))(?P<step>[+-]\d+(?:\.\d*)?(?:e[+-]?\d+)?)?",
    re.IGNORECASE,
)
_TIMES = re.compile(r"x(\d+)")
_FIELD = re.compile(r"(\w+):(\[[^]]*\]|\S+)")
_HINTS = {
    "unknown": ResetHint.UNKNOWN,
    "reset": ResetHint.RESET,
    "not_reset": ResetHint.NOT_RESET,
    "gauge": ResetHint.GAUGE,
}


@dataclass
class MemorySource:
    """Implements SeriesSource over `{labels: {time_ms: value}}`; groups of `group_size` series."""

    samples: dict[Labels, dict[int, Value]] = field(default_factory=dict)
    starts: dict[Labels, dict[int, int]] = field(default_factory=dict)
    group_size: int = 2
    selects: int = 0

    def select(
        self, matchers: tuple[Matcher, ...], start_ms: int, end_ms: int, guard: Guard
    ) -> list[SeriesGroup]:
        self.selects += 1
        wanted = [item for item in self.samples if matches_all(matchers, item)]
        found = [
            self._group(wanted[at : at + self.group_size], start_ms, end_ms)
            for at in range(0, len(wanted), self.group_size)
        ]
        guard.check()
        return found

    def _group(self, members: Sequence[Labels], start_ms: int, end_ms: int) -> SeriesGroup:
        cut = [
            {at: value for at, value in self.samples[item].items() if start_ms <= at <= end_ms}
            for item in members
        ]
        times = sorted({at for points in cut for at in points})
        column = {at: number for number, at in enumerate(times)}
        values = filled_absent((len(members), len(times)))
        histograms: list[Histogram] = []
        for row, points in enumerate(cut):
            for at, value in points.items():
                if isinstance(value, Histogram):
                    boxed = box_histograms(np.array([len(histograms)]))
                    values.view(np.uint64)[row, column[at]] = boxed.view(np.uint64)[0]
                    histograms.append(value)
                else:
                    values[row, column[at]] = value
        return SeriesGroup(
            list(members),
            np.array(times, dtype=np.int64),
            values,
            histograms,
            {
                row: _runs(self.starts[item])
                for row, item in enumerate(members)
                if item in self.starts
            },
        )

    def series(self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int) -> list[Labels]:
        return sorted(
            item
            for item, points in self.samples.items()
            if chosen(matchers, item) and any(start <= at <= end for at in points)
        )

    def label_names(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        return sorted({name for item in self.series(matchers, start, end) for name, _ in item})

    def label_values(
        self, name: str, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        return sorted({item.get(name) for item in self.series(matchers, start, end)} - {""})

    def exemplars(
        self, matchers: Sequence[tuple[Matcher, ...]], start_ms: int, end_ms: int
    ) -> list[SeriesExemplars]:
        raise NotImplementedError


def _runs(starts: Mapping[int, int]) -> tuple[Any, Any]:
    times = sorted(starts)
    return np.array(times, dtype=np.int64), np.array([starts[at] for at in times], dtype=np.int64)


def loaded(text: str, **more: Any) -> MemorySource:
    """A source with what `load` blocks say."""
    source = MemorySource(**more)
    step_ms = 0
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("load "):
            step_ms = parse_duration(line.removeprefix("load ").strip())
            continue
        labels, values = series_of(line)
        points = source.samples.setdefault(labels, {})
        points.update(
            {number * step_ms: value for number, value in enumerate(values) if value is not None}
        )
    return source


def series_of(line: str) -> tuple[Labels, list[Value | None]]:
    """Labels and values of one line."""
    match = _METRIC.fullmatch(line)
    assert match is not None, line
    name, braces, values = match.groups()
    pairs = {"__name__": name} if name else {}
    for key, value in _PAIR.findall((braces or "{}")[1:-1]):
        if key.startswith('"') and not value:
            pairs["__name__"] = key.strip('"')
        else:
            pairs[key.strip('"')] = value.replace('\\"', '"').replace("\\\\", "\\")
    return Labels.of(pairs), list(_values(values))


def _values(text: str) -> Iterator[Value | None]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _VALUE.match(text, at)
        assert match is not None, text[at:]
        times = _TIMES.match(text, match.end())
        at = match.end() if times is None else times.end()
        yield from _repeated(match, 0 if times is None else int(times[1]))


def _repeated(match: re.Match[str], times: int) -> Iterable[Value | None]:
    if match["nothing"]:
        return [None] * max(times, 1)
    if match["stale"]:
        return [float(STALE)] * (times + 1)
    if match["histogram"] is not None:
        return [histogram_of(match["histogram"])] * (times + 1)
    number, step = float(match["number"]), float(match["step"] or 0)
    return [number + step * count if step else number for count in range(times + 1)]


def histogram_of(text: str) -> Histogram:
    """A histogram from `schema:0 count:3 sum:5 z_bucket:1 offset:1 buckets:[1 2]` and so on."""
    given = dict(_FIELD.findall(text))

    def row(name: str) -> Any:
        return np.array(given.get(name, "[]")[1:-1].split(), dtype=np.float64)

    def side(counts: str, offset: str) -> Buckets:
        found = row(counts)
        first = int(given.get(offset, 0))
        return Buckets(np.arange(first, first + len(found), dtype=np.int64), found)

    schema = int(given.get("schema", 0))
    return Histogram(
        schema,
        float(given.get("count", 0)),
        float(given.get("sum", 0)),
        float(given.get("z_bucket_w", 0)),
        float(given.get("z_bucket", 0)),
        side("buckets", "offset"),
        side("n_buckets", "n_offset"),
        row("custom_values") if schema == CUSTOM_SCHEMA else row(""),
        _HINTS[given.get("counter_reset_hint", "unknown")],
    )


def query(text: str, source: Any, at: str | tuple[str, str, str], **more: Any) -> QueryResult:
    """What a query gives: at a time (`"5m"`), or from, to and by a step (`("0", "10m", "1m")`)."""
    from appliance.promql.engine import evaluate
    from appliance.promql.parser import parse

    start, end, step = (at, at, "0") if isinstance(at, str) else at
    start_ms, end_ms, step_ms = (_ms(time) for time in (start, end, step))
    return evaluate(
        parse(text),
        source,
        start_ms=start_ms,
        end_ms=end_ms,
        step_ms=step_ms,
        guard=more.pop("guard", make_guard()),
        text=text,
        **more,
    )


def _ms(text: str) -> int:
    return int(float(text) * 1000) if text.lstrip("-").isdigit() else parse_duration(text)


def shown(result: QueryResult) -> list[tuple[dict[str, str], list[float]]]:
    """Labels and float values of a vector or matrix, series in their order."""
    value = result.value
    if isinstance(value, Vector):
        numbers = [[number] for number in value.values.tolist()]
        return [(dict(item), row) for item, row in zip(value.labels, numbers, strict=True)]
    assert isinstance(value, Matrix)
    return [(dict(item), values.tolist()) for item, _, values in value.series]
