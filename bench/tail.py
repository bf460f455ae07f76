"""Tailing: from a file into the store, with and without stages; CPU seconds per line.

`python -m bench tail --lines 1000000`
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import logging
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.config.load import load_text
from appliance.ingest.logs import LogDoor
from appliance.ingest.tail.config import PromtailConfig
from appliance.ingest.tail.manager import TailDeps, TailManager, TailSetup
from appliance.ingest.tail.stages.pipeline import Pipeline
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from bench.logs_store import pino

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ingest.tail.entry import EntryPipeline
    from appliance.ingest.tail.stage_config import Stage

_STAGES = """\
    pipeline_stages:
      - docker: {}
      - json: {expressions: {level: level}}
      - labels: {level: }
"""
_CONFIG = """\
clients: [{{url: "http://loki:3100/loki/api/v1/push"}}]
scrape_configs:
  - job_name: bench
    static_configs: [{{labels: {{job: bench, __path__: "{path}"}}}}]
{stages}"""


def plain_lines(count: int) -> bytes:
    """Lines of an application."""
    rnd, now = random.Random(1), time.time_ns()
    return b"".join(pino(now + n * 1000, n, rnd) + b"\n" for n in range(count))


def docker_lines(count: int) -> bytes:
    """The same as Docker's json-file driver writes them."""
    rnd, now = random.Random(1), time.time_ns() - count * 1000
    lines = []
    for n in range(count):
        at = now + n * 1000
        stamp = dt.datetime.fromtimestamp(at // 10**9, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")
        text = pino(at, n, rnd).decode() + "\n"
        made = {"log": text, "stream": "stdout", "time": f"{stamp}.{at % 10**9:09d}Z"}
        lines.append(orjson.dumps(made, option=orjson.OPT_APPEND_NEWLINE))
    return b"".join(lines)


def _make_pipeline(stages: tuple[Stage, ...], job: str) -> EntryPipeline | None:
    return Pipeline(stages, job) if stages else None


async def _open_push(*_: object) -> tuple[int, Callable[[], object]]:
    raise NotImplementedError


async def _tail(folder: Path, config: str, lines: int) -> tuple[float, float]:
    decoded = load_text(PromtailConfig, config, file="promtail.yml")
    clock, telemetry = SystemClock(), Telemetry()
    store = LogStore(
        folder / "logs.db",
        LogOptions(),
        database=DatabaseOptions(),
        clock=clock,
        telemetry=telemetry,
    )
    deps = TailDeps(
        door=LogDoor(store, clock, telemetry),
        appender=store,
        keeper=store,
        make_pipeline=_make_pipeline,
        own_ports=frozenset,
        tenant="bench",
        open_push=_open_push,  # type: ignore[arg-type]  # never called
    )
    setup = TailSetup(decoded.value or PromtailConfig(), folder / "promtail.yml")
    manager = TailManager(setup, deps, clock, telemetry)
    began, cpu = time.perf_counter(), time.process_time()
    task = asyncio.create_task(manager.run())
    while store.stats().received_total < lines:  # noqa: ASYNC110 - the store has no event for it
        await asyncio.sleep(0.02)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    task.cancel()
    await asyncio.wait([task])
    await manager.stop()
    store.close()
    return wall, cpu


def _measure(what: str, data: bytes, lines: int, stages: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "bench.log"
        path.write_bytes(data)
        config = _CONFIG.format(path=path, stages=stages)
        wall, cpu = asyncio.run(_tail(Path(name), config, lines))
    size = len(data) / 1e6
    print(
        f"{what:28} {lines:>9,} lines {size:6.0f} MB {lines / wall:>10,.0f}/s"
        f" {lines / cpu:>10,.0f}/CPU-s {size / cpu:6.0f} MB/CPU-s",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=500_000)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    _measure("no stages", plain_lines(chosen.lines), chosen.lines, "")
    _measure("docker, json, labels", docker_lines(chosen.lines), chosen.lines, _STAGES)


if __name__ == "__main__":
    main()
