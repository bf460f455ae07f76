"""kill -9 while notifications go out: none is lost, none comes twice without need.

One that was delivered is sent again only when the server was killed before it could note that.
"""

from __future__ import annotations

import datetime as dt
import json
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
from tests.faults.rounds import chosen_rounds
from tests.faults.webhook_sink import Delivery, WebhookSink
from tests.reading import call

ROUNDS = chosen_rounds(20)
CONFIG = """\
route:
  receiver: hook
  group_by: [group]
  group_wait: 100ms
  group_interval: 500ms
  repeat_interval: 1h
receivers: [{{name: hook, webhook_configs: [{{url: "http://{address}/{turn}"}}]}}]
"""
#: An answer is noted (read, committed) so soon after it was sent: within 25 ms on an idle machine,
#: this on one whose disk and processors are busy.
NOTED_SECONDS = 0.5
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
    """What the sink was told: deliveries by group and status.

    Attributes:
        killed: When each server was; its number is the path it sends to.
    """

    sink: WebhookSink
    killed: list[float] = field(default_factory=list)
    _counted: int = 0
    _found: dict[Told, list[Delivery]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self) -> dict[Told, list[Delivery]]:
        new = self.sink.deliveries[self._counted :]
        self._counted += len(new)
        for delivery in new:
            self._found[told_by(delivery.body)].append(delivery)
        return self._found

    def needless(self) -> list[tuple[Told, list[Delivery]]]:
        """What came again though the server that sent it had its answer, and time to note that."""
        return [
            (told, deliveries)
            for told, deliveries in self().items()
            if any(map(self.is_noted, deliveries[:-1]))
        ]

    def is_noted(self, delivery: Delivery) -> bool:
        """Whether its sender must know that it was delivered.

        One that was killed may have sent what is read, and answered, only after its death.
        """
        turn = int(delivery.path.strip("/"))
        death = self.killed[turn] if turn < len(self.killed) else float("inf")
        return delivery.answered is not None and delivery.answered + NOTED_SECONDS < death


def told_by(body: Any) -> Told:
    return body["groupLabels"]["group"], body["status"]


def kill_rounds(folder: Path, rounds: int, seed: int) -> tuple[int, int]:
    """How much was acknowledged, and how much came twice because it had to."""
    chosen = random.Random(seed)
    acknowledged: list[Told] = []
    with WebhookSink(delay_seconds=DELAY_SECONDS) as sink:
        args = ("--alertmanager-config", str(folder / "alertmanager.yml"))
        counts = Counts(sink)
        for turn in range(rounds):
            configure(folder, sink, turn)
            with Appliance(folder / "data", only=["alertmanager"], args=args) as server:
                sender = Sender(server.urls["alertmanager"], turn * 10_000, counts)
                sender.start()
                time.sleep(chosen.uniform(0.2, 1.5))  # the random moment is the test's subject
                counts.killed.append(time.monotonic())
                server.kill()
                sender.join()
                acknowledged += sender.acknowledged
        configure(folder, sink, rounds)
        with Appliance(folder / "data", only=["alertmanager"], args=args) as server:
            wait_for(counts, acknowledged)
            time.sleep(1.5)  # three intervals, for what would come again
    told = counts()
    assert [one for one in acknowledged if one not in told] == []
    assert counts.needless() == []
    return len(set(acknowledged)), sum(len(deliveries) - 1 for deliveries in told.values())


def configure(folder: Path, sink: WebhookSink, turn: int) -> None:
    text = CONFIG.format(address=sink.address, turn=turn)
    (folder / "alertmanager.yml").write_text(text)


def wait_for(counts: Counts, acknowledged: list[Told]) -> None:
    deadline = time.monotonic() + 20
    while set(acknowledged) - counts().keys() and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.mark.timeout(180)
def test_kills_lose_and_repeat_no_notification(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path, 2, seed=1)[0] > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_kills_lose_and_repeat_no_notification(tmp_path: Path) -> None:
    total, repeated = kill_rounds(tmp_path, ROUNDS, seed=2)
    print(f"{ROUNDS} kills, {total} to be told, 0 lost, {repeated} told twice")  # noqa: T201
