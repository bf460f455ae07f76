"""A rule that fires for thousands of series at once: from its evaluation to the notification."""

from __future__ import annotations

import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import orjson

from appliance.testing import Appliance
from bench.alert_peers import CONFIG, start_ours
from bench.alert_sink import Sink
from bench.remote_write import labels_bytes, request

_RULES = """\
groups:
- name: bench
  interval: 1s
  rules:
  - alert: Storm
    expr: bench_load > 1
    labels: {severity: page}
    annotations: {summary: "{{ $labels.instance }} has {{ $value }}"}
"""


def fire_rule(count: int) -> None:
    """Start a server with the rule, give it the series, wait for the webhook."""
    sink = Sink()
    with tempfile.TemporaryDirectory(prefix="bench-alerts-") as name:
        folder = Path(name)
        (folder / "rules.yml").write_text(_RULES)
        file = folder / "prometheus.yml"
        file.write_text(f"rule_files: ['{folder / 'rules.yml'}']\n")
        config = CONFIG.format(group_by="[alertname]", wait="1s", port=sink.port)
        options = ("--prometheus-config", str(file))
        server = start_ours(folder, config, *options, only=("prometheus",))
        try:
            assert isinstance(server.process, Appliance)
            _write(server.process.urls["prometheus"], count)
            sink.wait_until_quiet(2.0)
            took = _evaluation_seconds(server.process.urls["prometheus"])
            told = orjson.loads(sink.bodies[0])["alerts"]
            at = min(one["startsAt"] for one in told)
            evaluated = np.datetime64(at.rstrip("Z"), "ns").astype(np.int64) / 1e9
            print(f"\na rule fires for {count:,} series")
            print(
                f"  {'appliance':13} from evaluation to notification (group_wait 1 s)"
                f" {sink.arrivals[0][0] - evaluated:5.2f} s, {len(told):,} alerts in it,"
                f" a later evaluation {took:5.2f} s, CPU since the start {server.cpu():5.2f} s",
                flush=True,
            )
        finally:
            server.stop()


def _evaluation_seconds(url: str) -> float:
    """How long the latest evaluation of the group took."""
    with urllib.request.urlopen(url + "/api/v1/rules?exclude_alerts=true", timeout=60) as answer:
        group = orjson.loads(answer.read())["data"]["groups"][0]
    return float(group["evaluationTime"])


def _write(url: str, count: int) -> None:
    series = [
        labels_bytes({"__name__": "bench_load", "instance": f"host{number}", "job": "bench"})
        for number in range(count)
    ]
    values = np.full((count, 1), 2.0)
    body = request(series, np.array([time.time_ns() // 10**6], dtype=np.int64), values)
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    sent = urllib.request.Request(url + "/api/v1/write", body, headers, method="POST")
    urllib.request.urlopen(sent, timeout=60).close()
