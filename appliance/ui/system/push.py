"""`/push`: groups of pushed metrics."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from appliance.syntax.quoting import quote as quoted
from appliance.wire.metric_family import HISTOGRAM, SUMMARY, TYPE_NAMES, points

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from appliance.ingest.pushgateway.group import Group

#: Groups of a page, and metrics of a group.
MOST, MOST_SERIES = 200, 100
_DAY_MS = 86_400_000

Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A pushed value: its labels besides those of the group."""

    labels: tuple[tuple[str, str], ...]
    value: str


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A pushed metric.

    Attributes:
        rows: The first ones of `count` values.
        link: Its graph.
    """

    name: str
    type: str
    help: str
    ago_ms: int
    rows: tuple[SeriesRow, ...]
    count: int
    link: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group.

    Attributes:
        key: What names it in a form.
        state: `failed` (the last push was refused), `old` (no push for a day) or `ok`.
        pushed_ago_ms, failed_ago_ms: None for never.
        path: Of the Pushgateway's API.
    """

    key: str
    job: str
    labels: tuple[tuple[str, str], ...]
    state: str
    pushed_ago_ms: int | None
    failed_ago_ms: int | None
    families: tuple[FamilyRow, ...]
    series: int
    path: str


@dataclass(frozen=True, slots=True)
class PushPage:
    """What the page shows; `total` counts all groups, `matching` those that the text is in."""

    groups: tuple[GroupRow, ...]
    matching: int
    total: int


def push_page(groups: Collection[Group], text: str, now_ms: int) -> PushPage:
    """The page; groups whose labels or metrics have the text in them, failing ones first."""
    words = text.lower()
    taken = [group for group in groups if not words or _has(group, words)]
    taken.sort(key=lambda group: (group.has_worked, -group.last_ms))
    rows = tuple(group_row(group, now_ms) for group in taken[:MOST])
    return PushPage(rows, len(taken), len(groups))


def group_row(group: Group, now_ms: int) -> GroupRow:
    """A group as it is shown."""
    pushed, failed = (_ago(at_ns, now_ms) for at_ns in (group.pushed_ns, group.failed_ns))
    state = "ok" if group.has_worked else "failed"
    if state == "ok" and pushed is not None and pushed > _DAY_MS:
        state = "old"
    families = [_family(group, name, now_ms) for name in sorted(group.families)]
    return GroupRow(
        key=key_text(group.key),
        job=group.labels.get("job", ""),
        labels=tuple(pair for pair in group.key if pair[0] != "job"),
        state=state,
        pushed_ago_ms=pushed,
        failed_ago_ms=failed,
        families=tuple(families),
        series=sum(family.count for family in families),
        path=api_path(group.labels),
    )


def key_text(key: Key) -> str:
    """A grouping key as one text."""
    return urlencode(key)


def key_of(text: str) -> Key:
    """The grouping key of a text."""
    return tuple(sorted(parse_qsl(text, keep_blank_values=True)))


def api_path(labels: Mapping[str, str]) -> str:
    """Where the Pushgateway's API has the group."""
    pairs = [("job", labels.get("job", "")), *((n, v) for n, v in labels.items() if n != "job")]
    parts = ["/metrics"]
    for name, value in pairs:
        if value and "/" not in value:
            parts += [quote(name), quote(value, safe="")]
        else:
            encoded = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=") or "="
            parts += [f"{quote(name)}@base64", encoded]
    return "/".join(parts)


def _family(group: Group, name: str, now_ms: int) -> FamilyRow:
    family: Any = group.families[name]
    rows: list[SeriesRow] = []
    count = 0
    for metric in family.metric:
        for series, pairs, value in points(family, metric):
            count += 1
            if len(rows) < MOST_SERIES:
                own = ((n, v) for n, v in pairs if v and group.labels.get(n) != v)
                labels = tuple(own) if series == name else (("__name__", series), *own)
                rows.append(SeriesRow(labels, f"{value:.15g}"))
    matchers = ",".join(f"{label}={quoted(value)}" for label, value in group.key if value)
    shown = f"{name}_count" if family.type >= HISTOGRAM or family.type == SUMMARY else name
    selector = f"{shown}{{{matchers}}}"
    changed = group.changed_ms.get(name, group.last_ms)
    return FamilyRow(
        name=name,
        type=TYPE_NAMES[family.type],
        help=family.help.decode(errors="replace"),
        ago_ms=max(0, now_ms - changed),
        rows=tuple(rows),
        count=count,
        link=f"/metrics?g0.expr={quote(selector)}",
    )


def _has(group: Group, words: str) -> bool:
    texts = (*(f"{name}={value}" for name, value in group.key), *group.families)
    return any(words in text.lower() for text in texts)


def _ago(at_ns: int, now_ms: int) -> int | None:
    return max(0, now_ms - at_ns // 10**6) if at_ns else None
