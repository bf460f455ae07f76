"""`python -m bench pages`: how long every page takes on a large store.

A server over 1,000,000 spans, 1,000,000 log lines and 10,000 series of the last 24 hours (kept in
`--folder` between runs) answers every page of the navigation, some others, and whatever their
scripts ask for first: wall time and CPU of each request, then each page in headless Chromium.
The budgets are those of the dashboard: a page from the server within 300 ms (95th percentile),
usable within 1 s (median). `!` marks what misses them; on a busy machine compare the CPU times.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_plus, urlsplit

from appliance.testing import Appliance
from appliance.ui.pages import NAVIGATION
from bench.page_seed import configuration, seeded
from bench.page_visits import Visit, chromium, stay, visit
from bench.process import cpu_seconds, memory_bytes

SERVER_MS, USABLE_MS = 300, 1000
MORE = ("/services/frontend", "/map", "/metrics/cardinality", "/d/overview", "/d/appliance")
DAY = ("/logs?from=now-24h", "/traces?from=now-24h", "/services?from=now-24h")
#: Asked for by scripts later than at the first drawing.
LATER = ("/api/ui/overview", "/api/ui/metrics?limit=200", "/api/ui/dashboards")
WHOLE_ROUNDS = 100


@dataclass(frozen=True)
class Timed:
    """Wall milliseconds of requests; CPU milliseconds and bytes of one of them."""

    first: float
    p50: float
    p95: float
    cpu: float
    size: int


class Client:
    """One connection to the server."""

    def __init__(self, server: Appliance) -> None:
        assert server.process is not None
        self.pid = server.process.pid
        self._host = urlsplit(server.urls["ui"]).netloc
        self.renew()

    def renew(self) -> None:
        """Connect anew: the server closes a connection that was idle for long."""
        self._connection = http.client.HTTPConnection(self._host, timeout=120)

    def get(self, path: str) -> bytes:
        headers = {"Accept": "text/html,*/*", "Accept-Encoding": "identity"}
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            print(f"{path[:100]}: {answer.status} {body[:200]!r}", flush=True)
        return body

    def measure(self, path: str, times: int) -> Timed:
        walls, size, cpu = [], 0, cpu_seconds(self.pid)
        for _ in range(times):
            began = time.perf_counter()
            size = len(self.get(path))
            walls.append((time.perf_counter() - began) * 1000)
        cpu = (cpu_seconds(self.pid) - cpu) * 1000 / times
        ordered = sorted(walls)
        p95 = ordered[min(times - 1, int(times * 0.95))]
        return Timed(walls[0], ordered[times // 2], p95, cpu, size)


def pages_of(client: Client) -> list[str]:
    """Paths of the navigation, of one trace and one alert, and some more."""
    trace = json.loads(client.get("/traces.json?limit=1"))["traces"][0]["trace_id"]
    alert = json.loads(client.get("/alerts.json"))["alerts"][0]["fingerprint"]
    usual = [path for _, group in NAVIGATION for path, _, _ in group]
    return [*usual, f"/traces/{trace}", f"/alerts/{alert}", *MORE, *DAY]


def measure_pages(
    client: Client, paths: list[str], chosen: argparse.Namespace, url: str
) -> list[str]:
    """Print the table of pages; returns what their scripts asked for."""
    asked: list[str] = []
    print(f"{'':26} {'server ms':^30} {'':>7}   {'Chromium ms':^28}")
    names = ("first", "p50", "p95", "CPU", "KB", "DOM", "usable", "busy")
    print(f"{'page':26}" + "".join(f"{name:>9}" for name in names))
    with chromium() as browser:
        for path in paths:
            timed = client.measure(path, chosen.requests)
            seen = visit(browser, url, path, chosen.loads) if chosen.loads else Visit(0, 0, 0)
            asked += [one for one in seen.asked if one not in asked]
            slow, late = timed.p95 > SERVER_MS, seen.usable > USABLE_MS
            cells = [timed.first, timed.p50, timed.p95, timed.cpu, timed.size / 1000]
            cells += [seen.content, seen.usable, seen.busy]
            marks = " ! server" * slow + " ! usable" * late
            print(f"{path[:26]:26}" + "".join(f"{one:9.0f}" for one in cells) + marks, flush=True)
        if chosen.minutes:
            stay(browser, url, chosen.minutes)
    return asked


def measure_data(client: Client, asked: list[str], times: int) -> None:
    """Print what each request of a page's scripts takes, the dearest first."""
    found = [(client.measure(path, times), path) for path in dict.fromkeys((*asked, *LATER))]
    found.sort(key=lambda one: -one[0].p50)
    print(f"\n{'first':>8} {'p50':>7} {'p95':>7} {'CPU':>6} {'KB':>6}  request")
    for timed, path in found[:25]:
        mark = " !" if timed.p95 > SERVER_MS else ""
        cells = f"{timed.first:8.0f} {timed.p50:7.0f} {timed.p95:7.0f} {timed.cpu:6.0f}"
        print(f"{cells} {timed.size / 1000:6.0f}  {unquote_plus(path)[:110]}{mark}")


def measure_memory(client: Client, paths: list[str]) -> None:
    """Print how the server's memory grows over a hundred pages."""
    before, (start, _) = 0, memory_bytes(client.pid)
    client.renew()
    for number in range(WHOLE_ROUNDS):
        client.get(paths[number % len(paths)])
        if number == WHOLE_ROUNDS // 2:
            before, _ = memory_bytes(client.pid)
    now, peak = memory_bytes(client.pid)
    shown = ", ".join(f"{one / 1e6:.0f}" for one in (start, before, now, peak))
    print(f"\nserver's memory before, after 50 and after 100 more pages, peak: {shown} MB")


@contextmanager
def traffic(server: Appliance, rate: float) -> Iterator[None]:
    """The demonstration's shop sends to the server meanwhile."""
    if not rate:
        yield
        return
    command = [sys.executable, "-m", "appliance", "demo", "--rate", str(rate)]
    command += ["--otlp", server.urls["otlp_http"], "--loki", server.urls["loki"]]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(3)
        yield
    finally:
        process.terminate()
        process.wait(10)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=Path("/tmp/appliance-bench-pages"))
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=30, help="of each page")
    parser.add_argument("--loads", type=int, default=5, help="in Chromium; 0: none")
    parser.add_argument("--only", help="pages whose path contains this")
    parser.add_argument("--minutes", type=float, default=0, help="to leave the home page open")
    parser.add_argument("--traffic", type=float, default=0, help="requests a second meanwhile")
    parser.add_argument("--oldest", type=float, default=60, help="minutes; then data are made anew")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    sizes = {"spans": chosen.spans, "lines": chosen.lines, "series": chosen.series}
    data = seeded(chosen.folder, **sizes, oldest_minutes=chosen.oldest)
    rules = ["--prometheus-config", str(configuration(chosen.folder))]
    with Appliance(data, args=rules) as server, traffic(server, chosen.traffic):
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        print(f"server ready after {server.ready_seconds:.2f} s; load of the machine {load}")
        run(server, chosen)


def run(server: Appliance, chosen: argparse.Namespace) -> None:
    client = Client(server)
    while not json.loads(client.get("/alerts.json"))["alerts"]:
        time.sleep(1)  # rules run every 15 s
    paths = [path for path in pages_of(client) if chosen.only is None or chosen.only in path]
    asked = measure_pages(client, paths, chosen, server.urls["ui"])
    client.renew()
    if asked:
        measure_data(client, asked, chosen.requests)
    measure_memory(client, paths)


if __name__ == "__main__":
    main()
