"""`/targets`: scrape pools, their targets, and what to do about those that fail.

Invariant: passwords and tokens in addresses are not shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, urlsplit

from appliance.base.duration import parse_duration
from appliance.config.secret import mask_url_passwords, masked_parameter
from appliance.syntax.quoting import quote as quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.ingest.scrape.manager import TargetStatus
    from appliance.ingest.scrape.target import DroppedTarget
    from appliance.model.labels import Labels

#: Targets and dropped targets of a page.
MOST, MOST_DROPPED = 500, 100
STATES = ("down", "unknown", "up")
_ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"refused|cannot connect|connect call failed",
        "Nothing listens at {host}. Start the exporter, or correct the address in the job.",
    ),
    (
        r"no such host|name or service|nodename|resolve|getaddrinfo|dns",
        "The name {name} is not known here. Try: getent hosts {name}",
    ),
    (
        r"deadline|timed? ?out",
        (
            "No whole answer within {timeout}. See whether the exporter is busy, or raise"
            " scrape_timeout (at most scrape_interval)."
        ),
    ),
    (
        r"status 40[13]",
        "The target wants credentials: set authorization or basic_auth in the job.",
    ),
    (r"status 404", "There is nothing at this path: set metrics_path in the job."),
    (r"status 5\d\d", "The exporter itself failed: its log says why."),
    (
        r"certificate|ssl|tls|x509",
        "The TLS connection failed: see tls_config (ca_file, server_name) and scheme in the job.",
    ),
    (
        r"content-type",
        (
            "The answer is no metrics page. Correct metrics_path, or set"
            " fallback_scrape_protocol: PrometheusText0.0.4"
        ),
    ),
    (r"target_limit", "Discovery finds more targets than target_limit allows."),
    (r"limit", "The answer is over a limit of the job; raise that, or drop series by relabelling."),
    (
        r"expected|invalid|unexpected|parse|line \d",
        "The answer cannot be read as metrics. Look at it: curl {url}",
    ),
)


class Scraping(Protocol):
    """Who scrapes (`ingest/scrape/manager.py`)."""

    def targets(self) -> Sequence[TargetStatus]:
        """Targets that are scraped, by job and address."""
        ...

    def dropped_targets(self) -> Sequence[DroppedTarget]:
        """Targets that relabelling dropped."""
        ...

    def dropped_counts(self) -> Mapping[str, int]:
        """Number of dropped targets by job."""
        ...

    def pools(self) -> Sequence[str]:
        """Names of all jobs."""
        ...

    def discovery_errors(self) -> Mapping[str, Sequence[str]]:
        """What is wrong with discovery now, by job."""
        ...


@dataclass(frozen=True, slots=True)
class TargetFilter:
    """Which targets; empty parts take all.

    Attributes:
        text: In the address, a label or the error; the case does not matter.
    """

    pool: str = ""
    state: str = ""
    text: str = ""

    def takes(self, target: TargetStatus) -> bool:
        """Whether a target is wanted."""
        if self.pool not in {"", target.scrape_pool} or self.state not in {"", target.health}:
            return False
        words = self.text.lower()
        pairs = (f"{name}={value}" for name, value in target.labels)
        texts = (target.scrape_url, target.last_error, *pairs)
        return not words or any(words in text.lower() for text in texts)


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target.

    Attributes:
        ago_ms: Since the last scrape; None before the first.
        late: Whether that is longer ago than three intervals.
        advice: What to do about the error.
        up, names: Links: whether it was up, and which metrics it has.
    """

    url: str
    state: str
    labels: tuple[tuple[str, str], ...]
    discovered: tuple[tuple[str, str], ...]
    ago_ms: int | None
    duration_seconds: float
    interval: str
    timeout: str
    late: bool
    error: str
    advice: str
    up: str
    names: str


@dataclass(frozen=True, slots=True)
class DroppedRow:
    """A target that relabelling dropped."""

    discovered: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A job.

    Attributes:
        counts: Of all its targets, by state.
        targets: Those that are shown, the failing ones first.
        dropped: How many relabelling dropped; `dropped_shown` are the first.
        errors: Of discovery.
    """

    name: str
    counts: Mapping[str, int]
    targets: tuple[TargetRow, ...]
    dropped: int
    dropped_shown: tuple[DroppedRow, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetsPage:
    """What the page shows.

    Attributes:
        counts: Of all targets, by state.
        shown, matching: Targets on the page, and those that the filter takes.
    """

    pools: tuple[PoolRow, ...]
    counts: Mapping[str, int]
    shown: int
    matching: int
    dropped: int

    @property
    def total(self) -> int:
        """All targets."""
        return sum(self.counts.values())


def targets_page(scraping: Scraping, wanted: TargetFilter, now_ms: int) -> TargetsPage:
    """The page for a filter; at most `MOST` targets, the failing ones first."""
    every = scraping.targets()
    taken = sorted((one for one in every if wanted.takes(one)), key=_order)
    shown: dict[str, list[TargetRow]] = {}
    for one in taken[:MOST]:
        shown.setdefault(one.scrape_pool, []).append(target_row(one, now_ms))
    errors, dropped = scraping.discovery_errors(), scraping.dropped_counts()
    by_pool: dict[str, list[TargetStatus]] = {}
    for one in every:
        by_pool.setdefault(one.scrape_pool, []).append(one)
    is_filtered = wanted != TargetFilter(pool=wanted.pool)
    gone = _dropped(scraping.dropped_targets())
    names = [name for name in scraping.pools() if wanted.pool in {"", name}]
    pools = [
        PoolRow(
            name,
            _counts(by_pool.get(name, ())),
            tuple(shown.get(name, ())),
            dropped.get(name, 0),
            tuple(gone.get(name, ())),
            tuple(errors.get(name, ())),
        )
        for name in names
        if name in shown or not is_filtered
    ]
    pools.sort(key=lambda pool: not (pool.counts["down"] or pool.errors))
    in_page = sum(len(pool.targets) for pool in pools)
    return TargetsPage(tuple(pools), _counts(every), in_page, len(taken), sum(dropped.values()))


def target_row(target: TargetStatus, now_ms: int) -> TargetRow:
    """A target as it is shown."""
    ago = None if target.last_scrape_ms == 0 else max(0, now_ms - target.last_scrape_ms)
    return TargetRow(
        url=mask_url_passwords(target.scrape_url),
        state=target.health,
        labels=tuple(target.labels),
        discovered=_masked(target.discovered_labels),
        ago_ms=ago,
        duration_seconds=target.last_scrape_duration_seconds,
        interval=target.scrape_interval,
        timeout=target.scrape_timeout,
        late=ago is not None and ago > 3 * parse_duration(target.scrape_interval),
        error=mask_url_passwords(target.last_error),
        advice=advice(target) if target.last_error else "",
        up=f"/metrics?g0.expr={quote('up' + _selector(target.labels))}&g0.tab=0",
        names="/metrics?g0.expr="
        + quote(f"count by (__name__) ({_selector(target.labels)})")
        + "&g0.tab=1",
    )


def advice(target: TargetStatus) -> str:
    """What to do about a target's error; empty where nobody knows."""
    url = mask_url_passwords(target.scrape_url)
    parts = urlsplit(url)
    for pattern, text in _ADVICE:
        if re.search(pattern, target.last_error, re.IGNORECASE):
            return text.format(
                host=parts.netloc,
                name=parts.hostname or "",
                timeout=target.scrape_timeout,
                url=url,
            )
    return ""


def _masked(labels: Labels) -> tuple[tuple[str, str], ...]:
    """Discovered labels: parameters of addresses may be secrets, as `__param_token`."""
    return tuple(
        (name, masked_parameter(name.removeprefix("__param_"), value))
        if name.startswith("__param_")
        else (name, mask_url_passwords(value))
        for name, value in labels
    )


def _selector(labels: Labels) -> str:
    pairs = (f"{name}={quoted(value)}" for name, value in labels)
    return "{" + ",".join(pairs) + "}"


def _order(target: TargetStatus) -> tuple[int, str]:
    state = target.health
    return STATES.index(state) if state in STATES else 1, target.scrape_url


def _counts(targets: Iterable[TargetStatus]) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for target in targets:
        counts[target.health] = counts.get(target.health, 0) + 1
    return counts


def _dropped(targets: Sequence[DroppedTarget]) -> dict[str, list[DroppedRow]]:
    found: dict[str, list[DroppedRow]] = {}
    for one in targets[:MOST_DROPPED]:
        found.setdefault(one.scrape_pool, []).append(DroppedRow(_masked(one.discovered_labels)))
    return found
