"""Which series came and went lately, and whose they are (`/metrics/cardinality`).

Bounded: a caller looks at so many series only, and says so when there are more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.model.labels import Labels

_Key = TypeVar("_Key", str, tuple[str, str])


@dataclass(frozen=True, slots=True)
class Churn:
    """What changed between two stretches of time.

    Attributes:
        active: Series with samples in the later one.
        added, gone: Series of one of them alone.
        has_before: Whether there was anything earlier; without, everything is new.
        growing: Names by series that were added, without those that they replace; most first.
        targets: Job and instance by series in the later one, most first.
    """

    active: int
    added: int
    gone: int
    has_before: bool
    growing: Sequence[tuple[str, int]]
    targets: Sequence[tuple[str, str, int]]


def churn(before: Iterable[Labels], now: Iterable[Labels], limit: int) -> Churn:
    """Compare the series of two stretches; at most `limit` entries of each ranking."""
    earlier, later = set(before), set(now)
    added, gone = later - earlier, earlier - later
    grown = _names(added)
    grown.subtract(_names(gone))
    targets: Counter[tuple[str, str]] = Counter()
    for labels in later:
        found = dict(labels)
        targets[found.get("job", ""), found.get("instance", "")] += 1
    return Churn(
        len(later),
        len(added),
        len(gone),
        bool(earlier),
        [(name, count) for name, count in _ranked(grown, limit) if count > 0] if earlier else [],
        [(job, instance, count) for (job, instance), count in _ranked(targets, limit)],
    )


def _names(series: Iterable[Labels]) -> Counter[str]:
    return Counter(dict(labels).get("__name__", "") for labels in series)


def _ranked(counts: Counter[_Key], limit: int) -> list[tuple[_Key, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]
