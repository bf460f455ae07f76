"""kill -9 while notifications go out: none is lost, none comes twice without need.

One that was delivered is sent again only when the server was killed before it could note that.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import threading
import time
import urllib.error
from collections import defaultdict
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from appliance.testing import Appliance
from tests.faults.webhook_sink import WebhookSink
from tests.reading import call

ROUNDS = int(os.environ.get("APPLIANCE_KILL_ROUNDS", "20"))
CONFIG = """\
route:
  receiver: hook
  group_by: [group]
  group_wait: 100ms
  group_interval: 500ms
  repeat_interval: 1h
receivers: [{{name: hook, webhook_configs: [{{url: "http://{address}/"}}]}}]
"""
#: A notification's answer is noted so soon after it was sent, on a slow machine too.
NOTED_SECONDS = 1.5
DELAY_SECONDS = 0.03

#: Group's number and status.
Told = tuple[str, str]


class Sender(threading.Thread):
    """Lets alerts fire, each in a group of its own, and those end that people were told of."""

    def __init__(self, url: str, first: int, told: Counts) -> None:
        super().__init__(daemon=True)
        self._url = url + "/api/v2/alerts"
        self._next = first
        self._told = told
        self.acknowledged: list[Told] = []

    def run(self) -> None:
        """One request after the other; an error of the connection ends it."""
        ended: set[str] = set()
        try:
            while True:
                numbers = [str(self._next + i) for i in range(3)]
                self._next += 3
                if not self._send(numbers, "firing"):
                    return
                over = [n for n, status in self._told() if status == "firing" and n not in ended]
                ended.update(over)
                if over[::2] and not self._send(over[::2], "resolved"):
                    return
                time.sleep(0.02)
        except (OSError, HTTPException, urllib.error.URLError):
            return

    def _send(self, numbers: list[str], status: str) -> bool:
        now = dt.datetime.now(dt.UTC)
        ends = now if status == "resolved" else now + dt.timedelta(hours=1)
        alerts = [
            {"labels": {"alertname": "A", "group": number}, "endsAt": ends.isoformat()}
            for number in numbers
        ]
        headers = {"Content-Type": "application/json"}
        if call(self._url, json.dumps(alerts).encode(), headers=headers)[0] != 200:
            return False
        self.acknowledged += [(number, status) for number in numbers]
        return True


@dataclass
class Counts:
    """What the sink was told: times by group and status."""

    sink: WebhookSink
    killed: list[float] = field(default_factory=list)

    def __call__(self) -> dict[Told, list[float]]:
        found: dict[Told, list[float]] = defaultdict(list)
        pairs = list(zip(self.sink.times, self.sink.received, strict=False))
        for at, body in pairs:
            found[told_by(body)].append(at)
        return found

    def needless(self) -> list[tuple[Told, list[float]]]:
        """What came again though there was time to note that it had come."""
        return [
            (told, times)
            for told, times in self().items()
            for at in times[:-1]
            if not any(abs(kill - at) < DELAY_SECONDS + NOTED_SECONDS for kill in self.killed)
        ]


def told_by(body: Any) -> Told:
    return body["groupLabels"]["group"], body["status"]


def kill_rounds(folder: Path, rounds: int, seed: int) -> tuple[int, int]:
    """How much was acknowledged, and how much came twice because it had to."""
    chosen = random.Random(seed)
    acknowledged: list[Told] = []
    with WebhookSink(delay_seconds=DELAY_SECONDS) as sink:
        (folder / "alertmanager.yml").write_text(CONFIG.format(address=sink.address))
        args = ("--alertmanager-config", str(folder / "alertmanager.yml"))
        counts = Counts(sink)
        for turn in range(rounds):
            with Appliance(folder / "data", only=["alertmanager"], args=args) as server:
                sender = Sender(server.urls["alertmanager"], turn * 10_000, counts)
                sender.start()
                time.sleep(chosen.uniform(0.2, 1.5))  # the random moment is the test's subject
                counts.killed.append(time.monotonic())
                server.kill()
                sender.join()
                acknowledged += sender.acknowledged
        with Appliance(folder / "data", only=["alertmanager"], args=args) as server:
            wait_for(counts, acknowledged)
            time.sleep(1.5)  # three intervals, for what would come again
    told = counts()
    assert [one for one in acknowledged if one not in told] == []
    assert counts.needless() == []
    return len(set(acknowledged)), sum(len(times) - 1 for times in told.values())


def wait_for(counts: Counts, acknowledged: list[Told]) -> None:
    deadline = time.monotonic() + 20
    while set(acknowledged) - counts().keys() and time.monotonic() < deadline:
        time.sleep(0.1)


def test_kills_lose_and_repeat_no_notification(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path, 2, seed=1)[0] > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_kills_lose_and_repeat_no_notification(tmp_path: Path) -> None:
    total, repeated = kill_rounds(tmp_path, ROUNDS, seed=2)
    print(f"{ROUNDS} kills, {total} to be told, 0 lost, {repeated} told twice")  # noqa: T201
