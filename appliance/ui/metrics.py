"""What the metrics page lists: families by name, with what is known of each.

Series of a classic histogram or summary (`x_bucket`, `x_sum`, `x_count`) are one family `x`, and
the times when series began (`x_created`) belong to what they are about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.model.sample import MetricMetadata

#: Names worth a first look, best first; what the programs around say of themselves; what hardly
#: ever changes.
_TELLING = tuple(
    map(
        re.compile,
        (
            r"^http_(server_)?requests?_total$|^http_requests",
            r"^http_.*duration",
            r"requests?_total$|_calls_total$",
            r"duration_seconds$|latency",
            r"errors?_total$|failures?_total$",
            r"^process_cpu|^node_cpu|cpu_.*seconds",
            r"resident_memory|heap_used|memory_.*(used|Available)",
            r"queue|in_flight|pending",
            r"^up$",
        ),
    )
)
_OWN = ("appliance_", "prometheus_", "alertmanager_", "loki_", "tempo_", "scrape_", "go_", "net_")
_DULL = re.compile(r"_info$|_timestamp|start_time|_max_|_limit|_created$|virtual_memory")

_PARTS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}


@dataclass(frozen=True, slots=True)
class Family:
    """One metric.

    Attributes:
        type: `counter`, `gauge`, `histogram`, `summary`, …; guessed from the name where nobody
            says it; empty: unknown.
        series: How many series it has.
        is_native: A histogram whose samples are whole histograms, without `_bucket` series.
    """

    name: str
    type: str
    help: str
    unit: str
    series: int
    is_native: bool = False


def families(
    counts: Iterable[tuple[str, int]], metadata: Mapping[str, Sequence[MetricMetadata]]
) -> list[Family]:
    """Families by name.

    Args:
        counts: Names of series as they are stored, and the number of each.
        metadata: What targets and senders say, by family.
    """
    stored = dict(counts)
    found: dict[str, Family] = {}
    for name in sorted(stored):
        base = _base(name, stored, metadata)
        known = metadata.get(base) or metadata.get(base.removesuffix("_total")) or ()
        kind = known[0].type if known and known[0].type != "unknown" else _guess(base, stored)
        series = stored[name] + (found[base].series if base in found else 0)
        found[base] = Family(
            base,
            kind,
            known[0].help if known else "",
            known[0].unit if known else "",
            series,
            is_native=kind == "histogram" and base in stored,
        )
    return list(found.values())


def search(rows: Iterable[Family], text: str) -> list[Family]:
    """Families whose name or help has every word, those whose name begins with the first first.

    Without words, what servers say of themselves comes behind all others.
    """
    words = text.lower().split()
    if not words:
        return sorted(rows, key=lambda row: row.name.startswith(_OWN))
    named: list[tuple[int, Family]] = []
    for row in rows:
        name = row.name.lower()
        if all(word in name for word in words):
            named.append((0 if name.startswith(words[0]) else 1, row))
        elif all(word in name or word in row.help.lower() for word in words):
            named.append((2, row))
    return [row for _, row in sorted(named, key=lambda item: item[0])]


def telling(rows: Iterable[Family]) -> list[Family]:
    """Families in the order in which they are worth a first look; an application's own first.

    What a server says of itself (`appliance_…`, `prometheus_…`) and what never changes come last.
    """
    return sorted(rows, key=lambda row: (_rank(row), row.name))


def _rank(row: Family) -> int:
    if row.name.startswith(_OWN):
        return 200
    if row.type not in {"counter", "gauge", "histogram", "summary"} and row.name != "up":
        return 100
    for rank, pattern in enumerate(_TELLING):
        if pattern.search(row.name):
            return rank
    return 90 if _DULL.search(row.name) else 30 if row.type in {"histogram", "counter"} else 60


def _base(
    name: str, stored: Mapping[str, int], metadata: Mapping[str, Sequence[MetricMetadata]]
) -> str:
    since = name.removesuffix("_created")
    if since != name:  # when a counter began (OpenMetrics), as series beside it
        for base, part in ((f"{since}_total", "_total"), (since, "_count")):
            if f"{since}{part}" in stored:
                return base
    for kind, endings in _PARTS.items():
        for ending in endings:
            base = name.removesuffix(ending)
            if base == name or not base:
                continue
            if any(item.type == kind for item in metadata.get(base, ())):
                return base
            if kind == "histogram" and f"{base}_bucket" in stored:
                return base
    return name


def _guess(name: str, stored: Mapping[str, int]) -> str:
    if f"{name}_bucket" in stored:
        return "histogram"
    return "counter" if name.endswith("_total") else ""
