"""Scraping as a whole: a real server, a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
import pytest
import yaml
from aiohttp import web

from appliance.base.clock import ManualClock
from appliance.base.errors import Conflict, NotFound, Unavailable
from appliance.base.tasks import spawn
from appliance.base.telemetry import Telemetry
from appliance.ingest.scrape.manager import ScrapeManager
from appliance.model.labels import Labels
from tests.ingest.scrape.appender import STALE, MemoryAppender, config_of
from tests.ingest.scrape.server import MetricServer
from tests.ingest.servers import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from appliance.ingest.scrape.config import PrometheusConfig

Samples = dict[str, float | str]
DURATION = "scrape_duration_seconds"
INTERVAL = 10.0


def one_job(server: MetricServer, more: str = "") -> PrometheusConfig:
    job = f"job_name: j, scrape_interval: 10s, static_configs: [{{targets: ['{server.address}']}}]"
    return config_of(f"scrape_configs: [{{{job}, {more}}}]")


class Rig:
    """A manager that runs, and what it stores."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.appender = MemoryAppender()
        self.manager: ScrapeManager
        self.task: asyncio.Task[None] | None = None

    async def start(self, config: PrometheusConfig) -> tuple[int, Samples]:
        """Start, and the first column."""
        self.manager = ScrapeManager(
            config, self.appender, self.clock, Telemetry(), host_name="box"
        )
        self.task = spawn(self.manager.run(), name="scrape manager")
        await eventually(self.manager.targets)
        return await self.next(1.0)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
            await self.manager.stop()

    async def next(self, seconds: float = INTERVAL) -> tuple[int, Samples]:
        """Let time pass, in which one scrape begins; the column it brings."""
        await self.clock.advance(seconds)
        return await asyncio.wait_for(self.appender.arrived.get(), 5)

    def idle(self) -> bool:
        return self.appender.arrived.empty()


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = Rig()
    yield made
    await made.stop()


@pytest.fixture
async def server() -> AsyncIterator[MetricServer]:
    async with MetricServer() as running:
        yield running


async def eventually(is_so: Callable[[], object]) -> None:
    """Let real input and output happen until something is so."""
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


def report(samples: Samples) -> tuple[float | str, ...]:
    names = ("up", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling")
    return tuple(samples[name] for name in (*names, "scrape_series_added"))


async def test_one_scrape_is_one_column_with_its_report(rig: Rig, server: MetricServer) -> None:
    server.body = 'a 1\nb{x="y"} 2\n'
    _, samples = await rig.start(one_job(server))
    assert set(samples) == {"a", 'b{x="y"}', DURATION} | {
        *("up", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling"),
        "scrape_series_added",
    }
    assert report(samples) == (1, 2, 2, 2)
    assert dict(rig.appender.labels[0]) == {"__name__": "a", "job": "j", "instance": server.address}
    _, samples = await rig.next()
    assert report(samples) == (1, 2, 2, 0)
    assert len(set(rig.appender.groups)) == 1


async def test_scrapes_come_at_the_interval_on_a_grid(rig: Rig, server: MetricServer) -> None:
    await rig.start(one_job(server))
    times = [(await rig.next())[0] for _ in range(3)]
    assert times[1] - times[0] == times[2] - times[1] == 10_000


async def test_a_failed_scrape_ends_all_series_and_the_next_one_begins_them(
    rig: Rig, server: MetricServer
) -> None:
    await rig.start(one_job(server))
    server.status = 500
    _, samples = await rig.next()
    assert samples["a"] == STALE
    assert report(samples) == (0, 0, 0, 0)
    (status,) = rig.manager.targets()
    assert status.health == "down"
    assert status.last_error == "server returned HTTP status 500 Internal Server Error"
    _, samples = await rig.next()
    assert "a" not in samples
    server.status = 200
    _, samples = await rig.next()
    assert samples["a"] == 1.0
    assert report(samples) == (1, 1, 1, 0)
    assert rig.manager.targets()[0].last_error == ""


async def test_a_broken_exposition_is_a_failed_scrape(rig: Rig, server: MetricServer) -> None:
    await rig.start(one_job(server))
    server.body = "a 1\nb{ 2\n"
    _, samples = await rig.next()
    assert (samples["a"], samples["up"]) == (STALE, 0.0)


async def test_too_many_samples_fail_the_scrape(rig: Rig, server: MetricServer) -> None:
    server.body = "a 1\nb 2\n"
    _, samples = await rig.start(one_job(server, "sample_limit: 1"))
    assert set(samples) & {"a", "b"} == set()
    assert samples["up"] == 0.0
    assert rig.manager.targets()[0].last_error == "sample limit exceeded"


async def test_status_tells_what_the_api_shows(rig: Rig, server: MetricServer) -> None:
    at, _ = await rig.start(one_job(server, "metrics_path: /m"))
    (status,) = rig.manager.targets()
    port = server.address.rpartition(":")[2]
    assert status.scrape_url == f"http://{server.address}/m"
    assert status.global_url == f"http://box:{port}/m"
    assert (status.scrape_pool, status.health, status.last_scrape_ms) == ("j", "up", at)
    assert (status.scrape_interval, status.scrape_timeout) == ("10s", "10s")
    assert status.labels.get("instance") == server.address
    assert status.discovered_labels.get("__address__") == server.address
    assert rig.manager.pools() == ["j"]


async def test_metadata_is_collected_from_all_targets(rig: Rig, server: MetricServer) -> None:
    server.body = "# HELP a The a.\n# TYPE a counter\na 1\n"
    await rig.start(one_job(server))
    (found,) = rig.manager.metadata()["a"]
    assert (found.type, found.help) == ("counter", "The a.")


async def test_dropped_targets_are_listed(rig: Rig, server: MetricServer) -> None:
    drop = "relabel_configs: [{source_labels: [__address__], regex: 'drop.*', action: drop}]"
    config = one_job(server, drop)
    extra = config_of(
        "scrape_configs: [{job_name: k, keep_dropped_targets: 1,"
        f" static_configs: [{{targets: [drop1, drop2]}}], {drop}}}]"
    )
    both = config_of("{}")
    object.__setattr__(both, "scrape_configs", config.scrape_configs + extra.scrape_configs)
    await rig.start(both)
    assert len(rig.manager.targets()) == 1
    assert [item.scrape_pool for item in rig.manager.dropped_targets()] == ["k"]
    assert rig.manager.dropped_counts() == {"j": 0, "k": 2}


async def test_a_removed_target_s_series_end_two_intervals_later(
    rig: Rig, server: MetricServer
) -> None:
    last, _ = await rig.start(one_job(server))
    await rig.manager.apply(config_of("{}"))
    assert rig.manager.targets() == []
    await rig.clock.advance(INTERVAL)
    assert rig.idle()
    at, samples = await rig.next(1.2 * INTERVAL)
    assert last < at <= last + 10_000
    assert set(samples) >= {"a", "up", DURATION}
    assert set(samples.values()) == {STALE}
    await rig.clock.advance(5 * INTERVAL)
    assert rig.idle()


async def test_a_target_that_comes_back_in_time_goes_on(rig: Rig, server: MetricServer) -> None:
    config = one_job(server)
    await rig.start(config)
    await rig.manager.apply(config_of("{}"))
    await rig.clock.advance(INTERVAL / 2)
    await rig.manager.apply(config)
    for _ in range(3):
        _, samples = await rig.next()
        assert STALE not in samples.values()
        assert samples["scrape_series_added"] == 0


async def test_a_reload_keeps_the_state_of_targets_that_stay(
    rig: Rig, server: MetricServer
) -> None:
    await rig.start(one_job(server))
    await rig.manager.apply(one_job(server, "scrape_timeout: 5s"))
    _, samples = await rig.next()
    assert samples["a"] == 1.0
    assert samples["scrape_series_added"] == 0
    assert rig.manager.targets()[0].scrape_timeout == "5s"


async def test_a_reload_with_other_labels_ends_the_old_series(
    rig: Rig, server: MetricServer
) -> None:
    await rig.start(one_job(server))
    relabel = "metric_relabel_configs: [{target_label: x, replacement: y}]"
    await rig.manager.apply(one_job(server, relabel))
    _, samples = await rig.next()
    assert (samples["a"], samples['a{x="y"}']) == (STALE, 1.0)


async def test_a_server_that_stops_writes_no_staleness_markers(
    rig: Rig, server: MetricServer
) -> None:
    await rig.start(one_job(server))
    await rig.stop()
    await rig.clock.advance(5 * INTERVAL)
    assert rig.idle()


async def test_targets_in_files_come_and_go(rig: Rig, server: MetricServer, tmp_path: Path) -> None:
    file = tmp_path / "targets.json"
    file.write_text(f'[{{"targets": ["{server.address}"], "labels": {{"env": "x"}}}}]')
    job = f"job_name: f, scrape_interval: 10s, file_sd_configs: [{{files: ['{file}']}}]"
    _, samples = await rig.start(config_of(f"scrape_configs: [{{{job}}}]"))
    assert samples['up{env="x"}'] == 1.0
    file.write_text("[]")
    await rig.clock.advance(5.0)
    await eventually(lambda: not rig.manager.targets())  # the file is read in a thread


async def test_too_many_targets_are_all_marked_as_failed(rig: Rig, server: MetricServer) -> None:
    config = config_of(
        f"scrape_configs: [{{job_name: j, scrape_interval: 10s, target_limit: 1,"
        f" static_configs: [{{targets: ['{server.address}', 'localhost:1']}}]}}]"
    )
    _, samples = await rig.start(config)
    assert samples["up"] == 0.0
    errors = {status.last_error for status in rig.manager.targets()}
    assert "target_limit exceeded (number of targets: 2, limit: 1)" in errors
    assert server.requests == []


async def test_what_the_store_refuses_is_lost_and_scraping_goes_on(
    rig: Rig, server: MetricServer
) -> None:
    await rig.start(one_job(server))
    rig.appender.failure = Unavailable("disk full")
    await rig.clock.advance(INTERVAL)
    await eventually(lambda: rig.appender.refused == 1)
    rig.appender.failure = None
    _, samples = await rig.next()
    assert samples["a"] == 1.0


async def test_times_in_the_exposition_go_another_way(rig: Rig, server: MetricServer) -> None:
    server.body = "a 1 1000\nb 2\n"
    _, samples = await rig.start(one_job(server))
    assert "a" not in samples
    assert report(samples)[:3] == (1, 2, 2)
    assert [batch.timestamps_ms.tolist() for batch in rig.appender.batches] == [[1000]]


async def test_series_that_the_store_has_forgotten_are_named_anew(
    rig: Rig, server: MetricServer
) -> None:
    await rig.start(one_job(server))
    rig.appender.failure = Conflict("series 1 is not known any more")
    before = rig.appender.resolved
    await rig.clock.advance(INTERVAL)
    await eventually(lambda: rig.appender.refused)
    rig.appender.failure = None
    _, samples = await rig.next()
    assert samples["a"] == 1
    assert rig.appender.resolved > before


async def test_more_report_series_when_wanted(rig: Rig, server: MetricServer) -> None:
    more = "extra_scrape_metrics: true, sample_limit: 9, scrape_timeout: 2500ms"
    _, samples = await rig.start(one_job(server, more))
    assert samples["scrape_timeout_seconds"] == 2.5
    assert samples["scrape_sample_limit"] == 9
    assert samples["scrape_body_size_bytes"] == len(server.body)
    server.status = 500
    _, samples = await rig.next()
    assert (samples["up"], samples["scrape_body_size_bytes"]) == (0, 0)
    await rig.manager.apply(one_job(server))
    server.status = 200
    _, samples = await rig.next()
    assert "scrape_body_size_bytes" not in samples


async def test_a_body_over_its_limit_is_reported_and_counted(
    rig: Rig, server: MetricServer
) -> None:
    server.body = "a 1\n" * 100
    more = "extra_scrape_metrics: true, body_size_limit: 10B"
    _, samples = await rig.start(one_job(server, more))
    assert (samples["up"], samples["scrape_body_size_bytes"]) == (0, -1)


async def test_failures_are_noted_in_a_file(rig: Rig, server: MetricServer, tmp_path: Path) -> None:
    file = tmp_path / "failures.log"
    server.status = 500
    await rig.start(one_job(server, f"scrape_failure_log_file: '{file}'"))
    (entry,) = [orjson.loads(text) for text in file.read_bytes().splitlines()]
    assert entry["job_name"] == "j"
    assert entry["target"] == f"http://{server.address}/metrics"
    assert entry["msg"] == "server returned HTTP status 500 Internal Server Error"
    assert entry["time"].startswith("2023-11-14T")


async def test_histograms_exemplars_and_start_times_reach_the_store(
    rig: Rig, server: MetricServer
) -> None:
    server.headers = {"Content-Type": "application/openmetrics-text; version=1.0.0"}
    server.body = '# TYPE c counter\nc_total 5 # {t="u"} 1 2\nc_created 3\n# EOF\n'
    await rig.start(one_job(server))
    (extras,) = rig.appender.extras
    assert extras.starts_ms is not None
    assert extras.starts_ms.tolist() == [3000, *[0] * 6]
    assert [(at, one.timestamp_ms) for at, one in extras.exemplars] == [(0, 2000)]


async def test_targets_listed_by_a_server_come_and_go(rig: Rig, server: MetricServer) -> None:
    listed = [server.address]

    async def lister(_request: web.Request) -> web.StreamResponse:
        return web.json_response([{"targets": listed, "labels": {"env": "x"}}])

    async with serving(lister) as address:
        job = f"http_sd_configs: [{{url: 'http://{address}/', refresh_interval: 5s}}]"
        text = f"scrape_configs: [{{job_name: h, scrape_interval: 10s, {job}}}]"
        _, samples = await rig.start(config_of(text))
        assert samples['up{env="x"}'] == 1.0
        listed.clear()
        await rig.clock.advance(5.0)
        await eventually(lambda: not rig.manager.targets())


async def test_a_job_is_shown_with_its_defaults_and_without_secrets(rig: Rig) -> None:
    job = "job_name: j, bearer_token: secret, sample_limit: 5, relabel_configs: [{target_label: a}]"
    manager = ScrapeManager(
        config_of(f"scrape_configs: [{{{job}}}]"), rig.appender, rig.clock, Telemetry()
    )
    shown = yaml.safe_load(manager.pool_yaml("j"))
    assert shown["bearer_token"] == "<secret>"
    assert (shown["scrape_interval"], shown["sample_limit"]) == ("1m", 5)
    assert shown["scrape_protocols"][0] == "OpenMetricsText1.0.0"
    assert shown["scrape_native_histograms"] is False
    with pytest.raises(NotFound, match="'x' not found"):
        manager.pool_yaml("x")
    rig.manager = manager


async def test_relabelling_is_shown_step_by_step(rig: Rig) -> None:
    steps = (
        "{source_labels: [a], target_label: b}, {source_labels: [b], regex: x, action: drop},"
        " {target_label: c, replacement: d}"
    )
    config = config_of(f"scrape_configs: [{{job_name: j, relabel_configs: [{steps}]}}]")
    rig.manager = ScrapeManager(config, rig.appender, rig.clock, Telemetry())
    kept = rig.manager.relabel_steps("j", Labels.of({"a": "y"}))
    assert [dict(step.output) for step in kept] == [
        {"a": "y", "b": "y"},
        {"a": "y", "b": "y"},
        {"a": "y", "b": "y", "c": "d"},
    ]
    dropped = rig.manager.relabel_steps("j", Labels.of({"a": "x"}))
    assert [step.is_kept for step in dropped] == [True, False, False]
    assert dropped[-1].output == Labels()
