"""Targets: labels, addresses, what is dropped and what is wrong."""

from __future__ import annotations

import pytest

from appliance.ingest.discovery.static import TargetGroup
from appliance.ingest.scrape.target import Discovered, build_targets, global_url
from tests.ingest.scrape.appender import job_of

PROBE = (
    "relabel_configs: [{source_labels: [__address__], target_label: __param_target},"
    " {target_label: __address__, replacement: 'bb:9115'}]"
)


def build(job: str, *targets: str, labels: dict[str, str] | None = None) -> Discovered:
    group = TargetGroup("0", [{"__address__": target} for target in targets], labels or {})
    return build_targets(job_of(job), [group])


@pytest.mark.parametrize(
    ("job", "address", "url"),
    [
        ("", "a:9100", "http://a:9100/metrics"),
        ("", "a", "http://a/metrics"),
        ("scheme: https, metrics_path: /x/y", "a:1", "https://a:1/x/y"),
        ("metrics_path: m", "[::1]:80", "http://[::1]:80/m"),
        ("params: {b: [1, 2], a: ['x y']}", "a", "http://a/metrics?a=x+y&b=1&b=2"),
        (
            "params: {t: [x, z]}, relabel_configs: [{target_label: __param_t, replacement: y}]",
            "a",
            "http://a/metrics?t=y&t=z",
        ),
        (
            PROBE,
            "a:1",
            "http://bb:9115/metrics?target=a%3A1",
        ),
    ],
)
def test_the_address_follows_from_job_and_labels(job: str, address: str, url: str) -> None:
    (target,) = build(job, address).targets
    assert target.url == url


def test_labels_of_targets_and_what_was_discovered() -> None:
    job = (
        "scrape_interval: 20s,"
        " relabel_configs: [{source_labels: [__meta_zone], target_label: zone},"
        " {regex: env, action: labeldrop}]"
    )
    (target,) = build(job, "a:1", labels={"__meta_zone": "z", "env": "x", "team": "t"}).targets
    assert dict(target.labels) == {"instance": "a:1", "job": "j", "team": "t", "zone": "z"}
    assert dict(target.discovered_labels) == {
        "__address__": "a:1",
        "__meta_zone": "z",
        "__metrics_path__": "/metrics",
        "__scheme__": "http",
        "__scrape_interval__": "20s",
        "__scrape_timeout__": "10s",
        "env": "x",
        "job": "j",
        "team": "t",
    }
    assert (target.interval_ms, target.timeout_ms) == (20_000, 10_000)


def test_a_target_s_own_labels_win_over_those_of_its_group() -> None:
    group = TargetGroup("0", [{"__address__": "a", "x": "own"}], {"x": "group", "y": "group"})
    (target,) = build_targets(job_of(""), [group]).targets
    assert (target.labels.get("x"), target.labels.get("y")) == ("own", "group")


def test_dropped_targets_keep_what_was_discovered() -> None:
    found = build(
        "relabel_configs: [{source_labels: [__address__], regex: 'a.*', action: keep}]", "a", "b"
    )
    assert [target.url for target in found.targets] == ["http://a/metrics"]
    assert [d.discovered_labels.get("__address__") for d in found.dropped] == ["b"]


def test_equal_targets_are_scraped_once() -> None:
    job = "relabel_configs: [{target_label: instance, replacement: same}]"
    assert len(build(job, "a", "a", "b").targets) == 2


def test_the_key_outlives_a_change_of_the_interval() -> None:
    first = build("scrape_interval: 20s", "a").targets[0]
    assert first.key == build("scrape_interval: 30s", "a").targets[0].key
    assert first.key != build("metrics_path: /x", "a").targets[0].key


@pytest.mark.parametrize(
    ("replacement", "label", "message"),
    [
        ("", "__address__", "no address"),
        ("http://a", "__address__", "'http://a' is not a valid hostname"),
        ("ftp", "__scheme__", "unsupported protocol scheme 'ftp'"),
        ("5", "__scrape_interval__", "not a valid duration string: '5'"),
        ("0s", "__scrape_timeout__", "scrape timeout cannot be 0"),
        ("2m", "__scrape_timeout__", "scrape timeout cannot be greater than scrape interval"),
    ],
)
def test_what_cannot_be_scraped_is_named(replacement: str, label: str, message: str) -> None:
    job = f"relabel_configs: [{{target_label: {label}, replacement: '{replacement}'}}]"
    found = build(job, "a")
    assert found.targets == []
    (error,) = found.errors
    assert error.startswith("instance 0 in group 0: ")
    assert message in error


def test_local_names_give_way_to_the_host_s_name() -> None:
    assert global_url("http://localhost:9090/metrics", "box") == "http://box:9090/metrics"
    assert global_url("http://[::1]/metrics", "box") == "http://box/metrics"
    assert global_url("http://other:1/metrics", "box") == "http://other:1/metrics"
