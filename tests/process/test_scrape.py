"""Real targets: ourselves, prometheus-client, and Debian's node exporter."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from appliance.testing import Appliance
from tests.reading import call, get_json, query

CONFIG = """
global:
  scrape_interval: {interval}
scrape_configs:
  - job_name: app
    static_configs:
      - targets: ['127.0.0.1:{port}']
        labels: {{env: test}}
"""


def wait_until(check: Callable[[], Any], seconds: float = 15) -> Any:
    """The first true answer of `check`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {seconds} s")


@pytest.fixture
def target() -> Iterator[tuple[int, CollectorRegistry]]:
    registry = CollectorRegistry()
    server, thread = start_http_server(0, "127.0.0.1", registry)
    yield server.server_port, registry
    server.shutdown()
    server.server_close()
    thread.join()


def test_prometheus_client_is_scraped_and_read_back_after_a_restart(
    tmp_path: Path, target: tuple[int, CollectorRegistry]
) -> None:
    port, registry = target
    Counter("shop_orders", "Orders.", ["kind"], registry=registry).labels("web").inc(3)
    Gauge("shop_queue", "Waiting.", registry=registry).set(2.5)
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG.format(interval="200ms", port=port))
    args = ["--prometheus-config", str(config)]
    with Appliance(tmp_path / "data", args=args) as server:
        found = wait_until(lambda: query(server, 'shop_orders_total{kind="web"}'))
        assert found[0]["metric"] == {
            "__name__": "shop_orders_total",
            "kind": "web",
            "env": "test",
            "job": "app",
            "instance": f"127.0.0.1:{port}",
        }
        assert found[0]["value"][1] == "3"
        assert query(server, "up")[0]["value"][1] == "1"
        assert {row["value"][1] for row in query(server, "scrape_samples_scraped")} == {"3"}
        active = get_json(server.urls["prometheus"] + "/api/v1/targets")["data"]["activeTargets"]
        assert [(item["scrapePool"], item["health"]) for item in active] == [("app", "up")]
        at = time.time()
        before = query(server, "shop_queue[1m]", time=at)
    config.write_text("scrape_configs: []\n")
    with Appliance(tmp_path / "data", args=args) as server:
        assert query(server, "shop_queue[1m]", time=at) == before


def test_reload_takes_and_refuses_configurations(
    tmp_path: Path, target: tuple[int, CollectorRegistry]
) -> None:
    port, _ = target
    config = tmp_path / "prometheus.yml"
    config.write_text("scrape_configs: []\n")
    with Appliance(tmp_path / "data", args=["--prometheus-config", str(config)]) as server:
        assert server.process is not None
        prometheus = server.urls["prometheus"]
        config.write_text(CONFIG.format(interval="200ms", port=port))
        assert call(prometheus + "/-/reload", b"", method="POST")[0] == 200
        wait_until(lambda: query(server, 'up{job="app"}'))
        config.write_text("scrape_configs: [{job_nam: x}]\n")
        status, text = call(prometheus + "/-/reload", b"", method="POST")
        assert status == 500
        assert b"prometheus.yml:1:" in text
        assert b"job_name" in text
        _, metrics = call(prometheus + "/metrics")
        assert b"appliance_config_last_reload_successful 0.0" in metrics
        config.write_text("scrape_configs: []\n")
        server.process.send_signal(signal.SIGHUP)
        targets = prometheus + "/api/v1/targets"
        wait_until(lambda: not get_json(targets)["data"]["activeTargets"])


def test_without_configuration_it_scrapes_itself(server: Appliance) -> None:
    found = wait_until(lambda: query(server, "appliance_store_received_total"), 25)
    assert {row["metric"]["signal"] for row in found} >= {"metrics"}


@pytest.mark.peer
def test_node_exporter(tmp_path: Path) -> None:
    program = shutil.which("prometheus-node-exporter")
    if program is None:
        pytest.skip("no prometheus-node-exporter on PATH (Debian: apt-get install it)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    exporter = subprocess.Popen(
        [program, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    )
    try:
        config = tmp_path / "prometheus.yml"
        config.write_text(CONFIG.format(interval="1s", port=port))
        with Appliance(tmp_path / "data", args=["--prometheus-config", str(config)]) as server:
            wait_until(lambda: query(server, 'node_load1{env="test"}'))
            scraped = float(query(server, "scrape_samples_scraped")[0]["value"][1])
            stored = len(query(server, '{job="app",__name__=~"node_.+|go_.+|process_.+|prom.+"}'))
            assert stored == scraped > 200
    finally:
        exporter.terminate()
        exporter.wait()
