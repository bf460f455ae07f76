"""Remote write in and out, remote read and federation with real Prometheus servers.

`PROMETHEUS3` names a Prometheus 3 besides the one on PATH; version 2 of remote write needs it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.testing import Appliance
from appliance.wire import snappy
from appliance.wire.messages import remote_pb2 as pb
from tests.process.test_scrape import wait_until
from tests.reading import call
from tests.remote_requests import series_v1

pytestmark = pytest.mark.peer

OLD = shutil.which("prometheus")
NEW = os.environ.get("PROMETHEUS3") or shutil.which("prometheus3")
V2 = "io.prometheus.write.v2.Request"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def prometheus(program: str, folder: Path, port: int, config: str) -> Iterator[str]:
    """A Prometheus that accepts remote write; its base URL."""
    folder.mkdir(exist_ok=True)
    file = folder / "prometheus.yml"
    file.write_text(config)
    process = subprocess.Popen(
        [
            program,
            f"--config.file={file}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver",
            "--enable-feature=native-histograms",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _is_up(base), 30)
        yield base
    finally:
        process.terminate()
        process.wait(30)


def _is_up(base: str) -> bool:
    try:
        return call(base + "/-/ready")[0] == 200
    except OSError:
        return False


def ask(base: str, expr: str, tenant: str = "") -> dict[str, float]:
    """An instant query: value by the label `key`, or by nothing."""
    headers = {"X-Scope-OrgID": tenant} if tenant else {}
    status, body = call(base + "/api/v1/query", headers=headers, query=expr)
    assert status == 200, body
    return {
        item["metric"].get("key", ""): float(item["value"][1])
        for item in json.loads(body)["data"]["result"]
    }


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def push(url: str, times_ms: range, **labels: str) -> None:
    """Remote write 1 into us."""
    series = series_v1(labels, [(at, float(at)) for at in times_ms])
    body = snappy.compress(pb.WriteRequest(timeseries=[series]).SerializeToString())
    headers = {"Content-Type": "application/x-protobuf"}
    status, text = call(url + "/api/v1/write", body, headers=headers)
    assert status == 204, text


@pytest.fixture(params=["old", "new"])
def program(request: pytest.FixtureRequest) -> str:
    found = {"old": OLD, "new": NEW}[request.param]
    if found is None:
        pytest.skip(f"no {request.param} prometheus here")
    return found


def test_prometheus_writes_into_us_and_reads_back(tmp_path: Path, program: str) -> None:
    port = free_port()
    with Appliance(tmp_path / "us", only=["prometheus"]) as server:
        url = server.urls["prometheus"]
        second = f"""
- url: {url}/api/v1/write
  name: second
  protobuf_message: {V2}
  headers: {{X-Scope-OrgID: second}}
  send_native_histograms: true
  queue_config: {{batch_send_deadline: 100ms}}
"""
        config = f"""
global: {{scrape_interval: 500ms, external_labels: {{cluster: peer}}}}
scrape_configs:
- {{job_name: self, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}
remote_write:
- url: {url}/api/v1/write
  name: first
  send_native_histograms: true
  send_exemplars: true
  queue_config: {{batch_send_deadline: 100ms}}
{second if program == NEW else ""}
remote_read:
- {{url: {url}/api/v1/read, read_recent: true, required_matchers: {{source: us}}}}
"""
        with prometheus(program, tmp_path / "peer", port, config) as peer:
            expected = wait_until(lambda: ask(peer, 'count({job="self"})').get(""), 30)
            for tenant in ("", "second") if program == NEW else ("",):
                _has_arrived(url, tenant, expected, with_histograms=program == NEW)
            at = now_ms()
            push(url, range(at, at + 1), __name__="read_back", source="us", cluster="peer")
            assert ask(peer, 'read_back{source="us"}') == {"": float(at)}


def _has_arrived(url: str, tenant: str, expected: float, *, with_histograms: bool) -> None:
    """Wait until we have what the peer has scraped."""
    everything = 'count({job="self",cluster="peer"})'
    wait_until(lambda: ask(url, everything, tenant).get("", 0) >= expected, 30)
    if with_histograms:
        name = "prometheus_http_request_duration_seconds"
        wait_until(lambda: ask(url, f"count(histogram_count({name}))", tenant), 30)


def test_prometheus_federates_from_us(tmp_path: Path, program: str) -> None:
    ours = tmp_path / "ours.yml"
    ours.write_text("global: {external_labels: {cluster: us}}\n")
    args = ["--prometheus-config", str(ours)]
    with Appliance(tmp_path / "us", only=["prometheus"], args=args) as server:
        url = server.urls["prometheus"]
        config = f"""
scrape_configs:
- job_name: federate
  scrape_interval: 500ms
  honor_labels: true
  metrics_path: /federate
  params: {{'match[]': ['{{__name__=~"pushed|other"}}']}}
  static_configs: [{{targets: ['{url.removeprefix("http://")}']}}]
"""
        with prometheus(program, tmp_path / "peer", free_port(), config) as peer:
            at = now_ms()
            push(url, range(at, at + 1), __name__="pushed", key="a")
            wanted = {"a": float(at)}
            wait_until(lambda: ask(peer, 'pushed{cluster="us",instance=""}') == wanted)


@pytest.mark.parametrize("message", ["prometheus.WriteRequest", V2])
def test_nothing_is_lost_when_we_are_killed_while_the_peer_is_away(
    tmp_path: Path, program: str, message: str
) -> None:
    if message == V2 and program != NEW:
        pytest.skip("knows version 1 alone")
    port = free_port()
    ours = tmp_path / "ours.yml"
    ours.write_text(f"""
global: {{external_labels: {{cluster: us}}}}
remote_write:
- url: http://127.0.0.1:{port}/api/v1/write
  protobuf_message: {message}
  queue_config: {{batch_send_deadline: 50ms, max_samples_per_send: 100}}
""")
    args = ["--prometheus-config", str(ours)]
    with Appliance(tmp_path / "us", only=["prometheus"], args=args) as server:
        with prometheus(program, tmp_path / "peer", port, "") as peer:
            start = now_ms() - 60_000
            push(server.urls["prometheus"], range(start, start + 50), __name__="pushed", key="a")
            wait_until(lambda: ask(peer, "count_over_time(pushed[5m])") == {"a": 50})
        for n in range(1, 20):
            begin = start + 50 * n
            push(server.urls["prometheus"], range(begin, begin + 50), __name__="pushed", key="a")
        server.kill()
    with (
        prometheus(program, tmp_path / "peer", port, "") as peer,
        Appliance(tmp_path / "us", only=["prometheus"], args=args),
    ):
        wait_until(lambda: ask(peer, "count_over_time(pushed[5m])") == {"a": 1000}, 30)
