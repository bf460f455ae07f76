"""Real targets: ourselves, prometheus-client, and Debian's node exporter."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from appliance.testing import Appliance
from tests.reading import call, get_json, query
from tests.wire.exposition.protobuf import HISTOGRAM, PROTO, delimited, family, instant, pairs

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


def pools(answer: dict[str, Any]) -> set[str]:
    """The jobs that have targets; the own Pushgateway's is always among them."""
    return {item["scrapePool"] for item in answer["data"]["activeTargets"]}


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
        assert query(server, 'up{job="app"}')[0]["value"][1] == "1"
        assert query(server, 'scrape_samples_scraped{job="app"}')[0]["value"][1] == "3"
        active = get_json(server.urls["prometheus"] + "/api/v1/targets")["data"]["activeTargets"]
        assert {item["scrapePool"]: item["health"] for item in active}["app"] == "up"
        # Up to the newest sample: the next one may be on its way.
        at = float(query(server, "timestamp(shop_queue)")[0]["value"][1])
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
        config.write_text("tracing: {endpoint: a}\nscrape_configs: [{job_nam: x}]\n")
        status, text = call(prometheus + "/-/reload", b"", method="POST")
        assert status == 500
        assert text.startswith(b"failed to reload config: ")
        assert b"prometheus.yml:2:" in text
        assert b"warning" not in text
        assert b"job_name" in text
        _, metrics = call(prometheus + "/metrics")
        assert b"appliance_config_last_reload_successful 0.0" in metrics
        assert b"prometheus_config_last_reload_successful 0.0" in metrics
        config.write_text("scrape_configs: []\n")
        server.process.send_signal(signal.SIGHUP)
        targets = prometheus + "/api/v1/targets"
        wait_until(lambda: "app" not in pools(get_json(targets)))


class NativeTarget(BaseHTTPRequestHandler):
    """Answers in protobuf, with a native histogram and an exemplar, if it is asked to."""

    def do_GET(self) -> None:
        assert self.headers["Accept"].startswith("application/vnd.google.protobuf")
        exemplar = {
            "label": pairs({"trace_id": "t"}),
            "value": 2,
            "timestamp": instant(time.time()),
        }
        histogram = {
            "count": 7,
            "sum": 9.5,
            "schema": 0,
            "positive_span": [{"offset": 1, "length": 2}],
            "positive_delta": [3, 1],
            "exemplar": [exemplar],
        }
        body = delimited(family("native_seconds", HISTOGRAM, {"histogram": histogram}))
        self.send_response(200)
        self.send_header("Content-Type", PROTO)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def native_target() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), NativeTarget) as target:
        thread = threading.Thread(target=target.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield target.server_port
        target.shutdown()
        thread.join()


def test_native_histograms_and_exemplars_can_be_queried(tmp_path: Path, native_target: int) -> None:
    text = CONFIG.format(interval="200ms", port=native_target)
    config = tmp_path / "prometheus.yml"
    config.write_text(text.replace("global:", "global:\n  scrape_native_histograms: true"))
    with Appliance(tmp_path / "data", args=["--prometheus-config", str(config)]) as server:
        expression = "histogram_count(native_seconds) + histogram_sum(native_seconds)"
        found = wait_until(lambda: query(server, expression))
        assert found[0]["value"][1] == "16.5"
        url = server.urls["prometheus"] + "/api/v1/query_exemplars"
        around = {"start": time.time() - 60, "end": time.time() + 60}
        answer = wait_until(lambda: get_json(url, query="native_seconds", **around)["data"])
        exemplars = answer[0]["exemplars"]
        assert exemplars[0]["labels"] == {"trace_id": "t"}


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
