"""A selection cut into pages that fit into memory.

A page is a question for some series: by names, and by values of the labels that tell most series
apart. Series of one metric (the buckets of a histogram) are never cut apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.model.matcher import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from appliance.model.labels import Labels
    from appliance.transfer.families import Family

#: Samples of a page that are aimed at, and most series of it.
TARGET_SAMPLES = 400_000
_MAX_SERIES = 2000
_FIRST_SERIES = 20
_GROWTH = 8


@dataclass(slots=True)
class Pace:
    """How many series a page may have, learnt from the pages before."""

    target: int = TARGET_SAMPLES
    series: int = _FIRST_SERIES

    def note(self, series: int, samples: int) -> None:
        """A page had so many."""
        if series:
            fitting = self.target * series // max(samples, 1)
            most = min(_MAX_SERIES, self.series * _GROWTH)
            self.series = max(1, min(fitting, most))


@dataclass(frozen=True, slots=True)
class Page:
    """A question, and the series of its answer that are wanted, in the order of the text."""

    matchers: tuple[Matcher, ...]
    metrics: Sequence[tuple[Family, Sequence[Labels]]]

    def __len__(self) -> int:
        return sum(len(series) for _, series in self.metrics)


def one_of(name: str, values: Sequence[str]) -> Matcher:
    """A label has one of these values."""
    if len(values) == 1:
        return Matcher(name, MatchOp.EQUAL, values[0])
    return Matcher(name, MatchOp.REGEX, "|".join(_escaped(value) for value in values))


def _escaped(value: str) -> str:
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", value)


def pages_of(
    families: Mapping[str, Family], series: Sequence[Labels], pace: Pace
) -> Iterator[Page]:
    """Pages with all series, families in their order; small ones share a page.

    Args:
        families: By the names of their samples.
    """
    metrics: dict[str, dict[Labels, list[Labels]]] = {}
    for item in series:
        family = families[item.get("__name__")]
        metrics.setdefault(family.name, {}).setdefault(family.metric(item), []).append(item)
    shared: list[tuple[Family, Sequence[Labels]]] = []
    names: list[str] = []
    held = 0
    for family in sorted({one.name: one for one in families.values()}.values(), key=_name):
        own = metrics.get(family.name, {})
        count = sum(map(len, own.values()))
        if shared and held + count > pace.series:
            yield Page((one_of("__name__", names),), shared)
            shared, names, held = [], [], 0
        if count > pace.series:
            yield from _cut(family, own, (one_of("__name__", family.names),), pace)
        elif count:
            shared += [(family, own[key]) for key in sorted(own)]
            names += family.names
            held += count
    if shared:
        yield Page((one_of("__name__", names),), shared)


def _name(family: Family) -> str:
    return family.name


def _cut(
    family: Family,
    metrics: Mapping[Labels, list[Labels]],
    matchers: tuple[Matcher, ...],
    pace: Pace,
) -> Iterator[Page]:
    """Pages of one family."""
    label = _telling(metrics)
    if label is None:
        yield Page(matchers, [(family, metrics[key]) for key in sorted(metrics)])
        return
    by_value: dict[str, list[Labels]] = {}
    for key in sorted(metrics):
        by_value.setdefault(key.get(label), []).append(key)
    values: list[str] = []
    chosen: list[Labels] = []
    held = 0
    for value in sorted(by_value):
        keys = by_value[value]
        count = sum(len(metrics[key]) for key in keys)
        if values and held + count > pace.series:
            yield _page(family, metrics, chosen, (*matchers, one_of(label, values)))
            values, chosen, held = [], [], 0
        if count > pace.series:
            part = {key: metrics[key] for key in keys}
            yield from _cut(family, part, (*matchers, one_of(label, [value])), pace)
        else:
            values.append(value)
            chosen += keys
            held += count
    if values:
        yield _page(family, metrics, chosen, (*matchers, one_of(label, values)))


def _page(
    family: Family,
    metrics: Mapping[Labels, list[Labels]],
    keys: Sequence[Labels],
    matchers: tuple[Matcher, ...],
) -> Page:
    return Page(matchers, [(family, metrics[key]) for key in keys])


def _telling(metrics: Mapping[Labels, list[Labels]]) -> str | None:
    """The label with the most values; None when no label has two."""
    values: dict[str, set[str]] = {}
    seen: dict[str, int] = {}
    for key in metrics:
        for name, value in key:
            values.setdefault(name, set()).add(value)
            seen[name] = seen.get(name, 0) + 1
    counts = {
        name: len(found) + (seen[name] < len(metrics)) for name, found in sorted(values.items())
    }
    best = max(counts, key=lambda name: counts[name], default=None)
    return best if best is not None and counts[best] > 1 else None
