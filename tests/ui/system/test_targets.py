from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from appliance.ingest.scrape.manager import TargetStatus
from appliance.ingest.scrape.target import DroppedTarget
from appliance.ui.system.targets import MOST, TargetFilter, advice, target_row, targets_page
from tests.api.targets import NEW, UP
from tests.sources import labels

NOW_MS = UP.last_scrape_ms + 20_000
DOWN = replace(
    UP,
    scrape_pool="node",
    scrape_url="http://db.internal:9100/metrics",
    labels=labels(instance="db.internal:9100", job="node"),
    health="down",
    last_error='Get "http://db.internal:9100/metrics": connect: connection refused',
)


@dataclass
class Scraping:
    found: Sequence[TargetStatus] = (UP, NEW, DOWN)
    dropped: Sequence[DroppedTarget] = (DroppedTarget("node", labels(__address__="gone:1")),)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def targets(self) -> Sequence[TargetStatus]:
        return self.found

    def dropped_targets(self) -> Sequence[DroppedTarget]:
        return self.dropped

    def dropped_counts(self) -> Mapping[str, int]:
        return {"node": 7}

    def pools(self) -> Sequence[str]:
        return ["up", "new", "node", "empty"]

    def discovery_errors(self) -> Mapping[str, Sequence[str]]:
        return self.errors


def test_pools_with_failing_targets_come_first() -> None:
    found = targets_page(Scraping(errors={"empty": ["no such host"]}), TargetFilter(), NOW_MS)
    assert [pool.name for pool in found.pools] == ["node", "empty", "up", "new"]
    assert found.counts == {"down": 1, "unknown": 1, "up": 1}
    assert (found.total, found.shown, found.matching, found.dropped) == (3, 3, 3, 7)
    node = found.pools[0]
    assert (node.dropped, len(node.dropped_shown)) == (7, 1)
    assert found.pools[1].errors == ("no such host",)


@pytest.mark.parametrize(
    ("wanted", "urls"),
    [
        (TargetFilter(state="down"), [DOWN.scrape_url]),
        (TargetFilter(pool="up"), [UP.scrape_url]),
        (TargetFilter(text="JOB=NEW"), [NEW.scrape_url]),
        (TargetFilter(text="refused"), [DOWN.scrape_url]),
        (TargetFilter(text="nothing like it"), []),
    ],
)
def test_the_filter_takes_pool_state_and_text(wanted: TargetFilter, urls: list[str]) -> None:
    found = targets_page(Scraping(), wanted, NOW_MS)
    assert [row.url for pool in found.pools for row in pool.targets] == urls
    assert found.total == 3


def test_a_page_is_bounded_and_shows_failing_targets() -> None:
    many = [replace(UP, scrape_url=f"http://h:{port}/metrics") for port in range(MOST + 50)]
    found = targets_page(Scraping([*many, DOWN]), TargetFilter(), NOW_MS)
    assert (found.shown, found.matching) == (MOST, MOST + 51)
    assert found.pools[0].targets[0].url == DOWN.scrape_url


def test_a_target_leads_to_its_metrics() -> None:
    row = target_row(UP, NOW_MS)
    assert row.up == "/metrics?g0.expr=up%7Binstance%3D%22h%3A1%22%2Cjob%3D%22up%22%7D&g0.tab=0"
    assert row.names.startswith("/metrics?g0.expr=count%20by%20%28__name__%29")
    assert (row.ago_ms, row.late, row.advice) == (20_000, False, "")


def test_a_target_that_is_not_scraped_in_time_is_late() -> None:
    assert target_row(UP, UP.last_scrape_ms + 45_001).late
    assert target_row(NEW, NOW_MS).ago_ms is None
    assert not target_row(NEW, NOW_MS).late


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("dial tcp 127.0.0.1:9100: connect: connection refused", "Nothing listens at db.internal"),
        ("dial tcp: lookup db.internal: no such host", "getent hosts db.internal"),
        ("context deadline exceeded", "No whole answer within 10s"),
        ("server returned HTTP status 401 Unauthorized", "basic_auth"),
        ("server returned HTTP status 404 Not Found", "metrics_path"),
        ("server returned HTTP status 503 Service Unavailable", "its log says why"),
        ("x509: certificate signed by unknown authority", "tls_config"),
        ("received unsupported Content-Type 'text/html'", "fallback_scrape_protocol"),
        ("sample_limit exceeded", "over a limit"),
        ("expected value after metric, got '<'", "curl http://db.internal:9100/metrics"),
        ("something new", ""),
    ],
)
def test_errors_come_with_advice(error: str, words: str) -> None:
    found = advice(replace(DOWN, last_error=error))
    assert words in found
    assert bool(found) == bool(words)


def test_secrets_in_addresses_are_not_shown() -> None:
    address = "http://bob:s3cret@db:9100/metrics?token=s3cret&x=1"
    discovered = labels(__param_token="s3cret", __param_x="1", __meta_url=address)
    error = f'Get "{address}": connection refused'
    target = replace(DOWN, scrape_url=address, last_error=error, discovered_labels=discovered)
    dropped = [DroppedTarget("node", discovered)]
    found = targets_page(Scraping((target,), dropped), TargetFilter(), NOW_MS)
    assert "s3cret" not in repr(found)
    assert ("__param_x", "1") in found.pools[0].targets[0].discovered
