"""Storms of alerts: ours and a real Alertmanager, when one is found, in the same run.

`python -m bench alert_storm [--peer BINARY] [--groups 1,100,10000] [--silences 0,1000]`

10,000 alerts come in at once (`group_wait` is 1 s), come again as Prometheus sends them every
minute, and are asked for. `held` is the longest that a small request had to wait meanwhile.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

from bench.alert_peers import CONFIG, call, find_alertmanager, start_ours, start_real
from bench.alert_rules import fire_rule
from bench.alert_sink import Sink
from bench.peers import Server

COUNT = 10_000
_GROUP_BY = {1: "[job]", 100: "[alertname]", 10_000: "['...']"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="the real Alertmanager's binary")
    parser.add_argument("--groups", default="1,100,10000")
    parser.add_argument("--silences", default="0,1000")
    parser.add_argument("--posts", default="1,100", help="requests that the alerts come in")
    parser.add_argument("--only", choices=("ours", "real", "rule"))
    chosen = parser.parse_args()
    binary = find_alertmanager(chosen.peer)
    for groups in map(int, chosen.groups.split(",")):
        for silences in map(int, chosen.silences.split(",")):
            for posts in map(int, chosen.posts.split(",")):
                storm = Storm(groups, silences, posts)
                print(f"\n{storm}")
                if chosen.only in {None, "ours"}:
                    storm.run(start_ours)
                if binary is not None and chosen.only in {None, "real"}:
                    storm.run(lambda folder, config: start_real(binary, folder, config))
    if chosen.only in {None, "rule"}:
        fire_rule(COUNT)


def alerts(count: int, ends: float) -> list[dict[str, Any]]:
    """Alerts as Prometheus posts them."""
    text = {"summary": "something is wrong here", "description": "x" * 100}
    return [
        {
            "labels": {
                "alertname": f"A{number % 100}",
                "i": str(number),
                "instance": f"host{number % 1000}",
                "cluster": f"c{number % 20}",
                "job": "x",
                "severity": "info" if number % 10 else "critical",
                "service": f"svc{number % 50}",
                "team": f"t{number % 7}",
            },
            "annotations": text,
            "startsAt": _iso(ends - 300),
            "endsAt": _iso(ends),
            "generatorURL": "http://prometheus.example:9090/graph?g0.expr=up&g0.tab=1",
        }
        for number in range(count)
    ]


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


@dataclass
class Prober:
    """Asks for something small again and again; how long the answers took."""

    server: Server
    seconds: list[float] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._is_over = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._thread.join()

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self.server.url.removeprefix("http://"))
        while not self._is_over:
            began = time.monotonic()
            connection.request("GET", "/-/healthy")
            connection.getresponse().read()
            self.seconds.append(time.monotonic() - began)
            time.sleep(0.01)
        connection.close()

    def __str__(self) -> str:
        return f"held {max(self.seconds, default=0) * 1000:4.0f} ms"


@dataclass
class Storm:
    """One way for alerts to come in."""

    groups: int
    silences: int
    posts: int

    def __str__(self) -> str:
        return (
            f"{COUNT:,} alerts in {self.posts} requests, {self.groups:,} groups,"
            f" {self.silences:,} silences"
        )

    def run(self, start: Callable[[Path, str], Server]) -> None:
        """Let it pass over a server."""
        sink = Sink()
        config = CONFIG.format(group_by=_GROUP_BY[self.groups], wait="1s", port=sink.port)
        with tempfile.TemporaryDirectory(prefix="bench-alerts-") as folder:
            server = start(Path(folder), config)
            try:
                self._silence(server)
                self._pass_over(server, sink)
            finally:
                server.stop()

    def _silence(self, server: Server) -> None:
        """Of 1,000 silences 100 match alerts: ten each."""
        now = time.time()
        for number in range(self.silences):
            name = f"A{number % 100}" if number % 10 == 0 else "Other"
            matchers = [
                {"name": "instance", "value": f"host{number}", "isRegex": False},
                {"name": "alertname", "value": f"{name}|x.+", "isRegex": True},
            ]
            silence = {
                "matchers": matchers,
                "startsAt": _iso(now),
                "endsAt": _iso(now + 3600),
                "createdBy": "bench",
                "comment": "bench",
            }
            call(server, "POST", "/api/v2/silences", silence)

    def _pass_over(self, server: Server, sink: Sink) -> None:
        size = COUNT // self.posts
        given = alerts(COUNT, time.time() + 600)
        bodies = [orjson.dumps(given[at : at + size]) for at in range(0, COUNT, size)]
        rss, cpu, began = server.memory()[0], server.cpu(), time.time()
        with Prober(server) as prober:
            latencies = [_timed(lambda body=body: _post(server, body)) for body in bodies]
            sink.wait_until_quiet(2.0)
        first, last = (sink.arrivals[at][0] - began for at in (0, -1))
        print(
            f"  {server.name:13} post {sum(latencies):6.3f} s"
            f" (median {statistics.median(latencies) * 1000:5.0f} ms), first {first:6.2f} s,"
            f" last {last:6.2f} s, {len(sink.arrivals):6,} told, CPU {server.cpu() - cpu:6.2f} s,"
            f" RSS {rss / 1e6:4.0f} → {server.memory()[0] / 1e6:4.0f} MB, {prober}",
            flush=True,
        )
        self._go_on(server, bodies)

    def _go_on(self, server: Server, bodies: list[bytes]) -> None:
        """The same alerts again, and questions."""
        cpu = server.cpu()
        with Prober(server) as prober:
            again = _timed(lambda: [_post(server, body) for body in bodies])
            time.sleep(0.5)
        used = server.cpu() - cpu
        cells = [f"again {again:6.3f} s, CPU {used:5.2f} s, {prober}"]
        for path in ("/api/v2/alerts", "/api/v2/alerts/groups"):
            with Prober(server) as prober:
                took = _timed(lambda path=path: call(server, "GET", path))
            cells.append(f"GET {path.rpartition('/')[2]} {took:5.2f} s, {prober}")
        print(f"  {'':13} {'; '.join(cells)}", flush=True)


def _post(server: Server, body: bytes) -> None:
    call(server, "POST", "/api/v2/alerts", body)


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
