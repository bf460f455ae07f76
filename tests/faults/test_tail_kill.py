"""kill -9 while files are tailed, written to and rotated: in the end every line is there once."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.tail.files.mark import decode_mark
from appliance.model.log import LogChunk
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from appliance.testing import Appliance
from tests.faults.rounds import chosen_rounds
from tests.reading import get_json
from tests.sources import make_guard

ROUNDS = chosen_rounds(50)
CONFIG = """\
global: {{file_watch_config: {{min_poll_frequency: 20ms, max_poll_frequency: 20ms}}}}
clients: [{{url: "http://loki:3100/loki/api/v1/push"}}]
positions: {{filename: {folder}/positions.yaml}}
scrape_configs:
  - job_name: plain
    static_configs: [{{labels: {{job: plain, __path__: "{folder}/plain.log"}}}}]
  - job_name: copied
    static_configs: [{{labels: {{job: copied, __path__: "{folder}/copied.log"}}}}]
  - job_name: joined
    static_configs: [{{labels: {{job: joined, __path__: "{folder}/joined.log"}}}}]
    pipeline_stages:
      - multiline: {{firstline: '^\\d', max_wait_time: 200ms}}
"""


class Writer(threading.Thread):
    """Appends numbered lines to a file and rotates it, by rename or copytruncate, now and then."""

    def __init__(self, path: Path, form: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.path = path
        self.form = form
        self.count = 0
        self.rotations = 0
        self._chosen = random.Random(seed)
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(self._chosen.uniform(0.0, 0.02)):
            with self.path.open("a") as file:
                for _ in range(self._chosen.randrange(1, 50)):
                    file.write(self.form.format(self.count))
                    self.count += 1
            if self._chosen.random() < 0.03:
                self.rotate()

    def rotate(self) -> None:
        self.rotations += 1
        name = self.path.with_name(f"{self.path.name}.{self.rotations}")
        if self.path.stem == "copied":
            shutil.copyfile(self.path, name)
            os.truncate(self.path, 0)
        else:
            self.path.rename(name)

    def end(self) -> int:
        self._ended.set()
        self.join()
        return self.count


def kill_rounds(tmp_path: Path, rounds: int, seed: int) -> int:
    chosen = random.Random(seed)
    config = tmp_path / "promtail.yml"
    config.write_text(CONFIG.format(folder=tmp_path))
    writers = {
        "plain": Writer(tmp_path / "plain.log", "{}\n", seed),
        "copied": Writer(tmp_path / "copied.log", "{}\n", seed + 2),
        "joined": Writer(tmp_path / "joined.log", "{}\n more\n", seed + 1),
    }
    args = ("--promtail-config", str(config), "--set", "log.level=debug")
    for writer in writers.values():
        writer.path.touch()
    for turn in range(rounds):
        with Appliance(tmp_path / "data", only=("loki",), args=args) as server:
            if not turn:
                wait_until_read(server)
                for writer in writers.values():
                    writer.start()
            time.sleep(chosen.uniform(0.1, 0.6))  # the random moment is the test's subject
            server.kill()
    counts = {name: writer.end() for name, writer in writers.items()}
    found: dict[str, Counter[int]] = {}
    held: list[str] = []
    for _ in range(5):
        with Appliance(tmp_path / "data", only=("loki",), args=args) as server:
            wait_until_read(server)
        found, held = stored(tmp_path / "data" / "logs.db")
        if not held:
            break  # a busy machine may not have come to give out what a stage holds
    assert not held
    for name, count in counts.items():
        check(name, found[name], count)
    return sum(counts.values())


def wait_until_read(server: Appliance) -> None:
    """Wait until nothing new has been read for a second."""
    before, since = None, time.monotonic()
    while time.monotonic() < since + 1.0:
        time.sleep(0.1)
        status = get_json(server.urls["loki"] + "/api/tail.json")
        now = [(source["name"], source["position"]) for source in status["sources"]]
        if now != before or any(source["lag_bytes"] for source in status["sources"]):
            before, since = now, time.monotonic()


def stored(path: Path) -> tuple[dict[str, Counter[int]], list[str]]:
    """How often each number is there, by job; and the files of which lines are still held back."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    options = DatabaseOptions()
    store = LogStore(
        path, LogOptions(), database=options, clock=SystemClock(), telemetry=Telemetry()
    )

    def work(chunk: LogChunk) -> tuple[str, list[int]]:
        numbers = [int(chunk.line(row).split(b"\n")[0]) for row in range(len(chunk))]
        return chunk.labels.get("job"), numbers

    for name, numbers in store.source("anonymous").scan((), 0, 1 << 62, make_guard(), work=work):
        found[name].update(numbers)
    marks = [decode_mark(text) for text in store.marks("tail/").values()]
    store.close()
    return found, [mark.path for mark in marks if mark is not None and mark.held]


def check(name: str, found: Counter[int], count: int) -> None:
    missing = sorted(set(range(count)) - found.keys())
    twice = sorted(number for number, times in found.items() if times > 1)
    assert not missing, f"{name}: {len(missing)} of {count} missing, first {missing[:5]}"
    assert not twice, f"{name}: {len(twice)} of {count} twice, first {twice[:5]}"


@pytest.mark.timeout(180)
def test_kills_while_tailing_lose_and_repeat_nothing(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path, 3, seed=1) > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_kills_while_tailing_lose_and_repeat_nothing(tmp_path: Path) -> None:
    total = kill_rounds(tmp_path, ROUNDS, seed=2)
    print(f"{ROUNDS} kills, {total:,} lines, each there exactly once")  # noqa: T201
