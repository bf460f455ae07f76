"""A group of 1,000 rules, evaluated by both servers over the data that are there."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path

from bench.peers import Server

_RULES = 1_000
_EVALUATIONS = 4


def evaluate_rules(servers: list[Server], folder: Path) -> None:
    """Give each server the group and print what an evaluation costs."""
    rules = folder / "rules.yml"
    rules.write_text(_file())
    print(f"\na group of {_RULES:,} rules, one evaluation")
    for server in servers:
        name = "ours.yml" if server.name == "appliance" else "prometheus.yml"
        (folder / name).write_text(f"rule_files: ['{rules}']\n")
        request = urllib.request.Request(server.url + "/-/reload", b"", method="POST")
        urllib.request.urlopen(request, timeout=60).close()
        _wait(server)
        cpu, times = server.cpu(), [_wait(server) for _ in range(_EVALUATIONS)]
        used = (server.cpu() - cpu) / _EVALUATIONS
        print(f"{server.name:11} {min(times):6.3f} s wall, {used:6.3f} s CPU", flush=True)
        (folder / name).write_text("global: {}\n")
        urllib.request.urlopen(request, timeout=60).close()


def _file() -> str:
    """Half recording rules, half alerts; each looks at one path or item of all instances."""
    lines = ["groups:", "- name: bench", "  interval: 5s", "  rules:"]
    for n in range(_RULES // 2):
        rate = f'sum by (job) (rate(bench_requests_total{{path="/item/{n}"}}[5m]))'
        lines += [f"  - record: bench:r{n}", f"    expr: {rate}"]
        lines += [f"  - alert: A{n}", f'    expr: avg(bench_gauge{{item="{n}"}}) > 45']
        lines += ["    labels: {severity: page}", '    annotations: {summary: "{{ $value }}"}']
    return "\n".join(lines) + "\n"


def _wait(server: Server) -> float:
    """Seconds that the next evaluation takes."""
    before = _state(server)[0]
    end = time.monotonic() + 60
    while time.monotonic() < end:
        last, seconds = _state(server)
        if last != before and not last.startswith("0001"):
            return seconds
        time.sleep(0.1)
    raise SystemExit(f"{server.name} evaluates no rules")


def _state(server: Server) -> tuple[str, float]:
    with urllib.request.urlopen(server.url + "/api/v1/rules?rule_name[]=A0", timeout=60) as answer:
        groups = json.load(answer)["data"]["groups"]
    return (groups[0]["lastEvaluation"], groups[0]["evaluationTime"]) if groups else ("0001", 0.0)
