"""Scraping side by side: the same targets, one server after the other."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from bench.ingest import exposition
from bench.peers import Server, scratch, start_ours, start_prometheus

_BODIES = 4
_TICKS = 8
_WARM_UP = 50


class Targets:
    """Many targets on one port: `/N/metrics`; bodies are made and compressed beforehand."""

    def __init__(self) -> None:
        bodies = [[exposition(t, k) for k in range(_TICKS)] for t in range(_BODIES)]
        self._bodies = [[gzip.compress(body, 1) for body in row] for row in bodies]
        self.served = 0
        self._ticks: dict[str, int] = {}
        self._ready = threading.Event()
        self.port = 0
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait()

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_get("/{n}/metrics", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=2048).start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await asyncio.Event().wait()

    async def _answer(self, request: web.Request) -> web.Response:
        number = request.match_info["n"]
        tick = self._ticks[number] = self._ticks.get(number, -1) + 1
        self.served += 1
        body = self._bodies[int(number) % _BODIES][tick % _TICKS]
        headers = {"Content-Type": "text/plain; version=0.0.4", "Content-Encoding": "gzip"}
        return web.Response(body=body, headers=headers)


def scrape_side_by_side(binary: str | None, targets: int, seconds: int) -> None:
    """Print what scraping costs either server."""
    served = Targets()
    config = _config(served.port, targets)
    starts: list[Callable[[Path], Server]] = [lambda folder: start_ours(folder, config)]
    if binary is not None:
        starts.append(lambda folder: start_prometheus(binary, folder, config))
    print(f"scrape of {targets:,} targets x 1,000 series every 15 s, for {seconds} s")
    for start in starts:
        with scratch() as name:
            server = start(Path(name))
            time.sleep(_WARM_UP)  # the first scrapes: every series is new
            cpu, count, began = server.cpu(), served.served, time.perf_counter()
            time.sleep(seconds)
            samples = (served.served - count) * 1_000
            used, wall = server.cpu() - cpu, time.perf_counter() - began
            now, peak = server.memory()
            server.stop()
            print(
                f"{server.name:11} {samples:>12,} samples, {samples / wall:>9,.0f}/s,"
                f" {samples / used:>10,.0f}/CPU-s, {used / wall * 100:5.1f} % of a core,"
                f" RSS {now / 1e6:,.0f} MB, peak {peak / 1e6:,.0f} MB",
                flush=True,
            )


def _config(port: int, targets: int) -> str:
    jobs = "".join(
        f"  - job_name: j{n}\n    metrics_path: /{n}/metrics\n"
        f"    static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
        for n in range(targets)
    )
    return f"global: {{scrape_interval: 15s, scrape_timeout: 14s}}\nscrape_configs:\n{jobs}"
