"""kill -9 at random moments: everything acknowledged is there exactly once after the restart."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from appliance.testing import Appliance
from tests.faults.senders import FIRST_SAMPLE_MS, ROUND, start_senders
from tests.reading import log_lines, query, trace_spans

#: Rounds of the full test; `APPLIANCE_KILL_ROUNDS` changes it.
ROUNDS = int(os.environ.get("APPLIANCE_KILL_ROUNDS", "50"))
LISTENERS = ("prometheus", "loki", "tempo", "otlp_http")
#: Heads are sealed all the time, so that a kill also hits seals.
BUSY_SEALING = (
    "--set", "storage.seal_interval=100ms",
    "--set", "storage.seal_always=true",
)  # fmt: skip


def check_lines(server: Appliance, acknowledged: list[int]) -> None:
    low, high = acknowledged[0], acknowledged[-1]
    newest = log_lines(server, '{app="fault"}', direction="backward")
    lines = Counter(int(line) for _, line in newest)
    found = Counter({n: count for n, count in lines.items() if low <= n <= high})
    assert found == Counter(acknowledged)


def check_samples(server: Appliance, acknowledged: list[int]) -> None:
    low, high = acknowledged[0], acknowledged[-1]
    at = (FIRST_SAMPLE_MS + high) / 1000
    rows = query(server, f"fault[{high - low + 1}ms]", time=at)
    values = Counter(int(float(value)) for row in rows for _, value in row["values"])
    assert values == Counter(acknowledged)


def check_spans(server: Appliance, acknowledged: list[int], chosen: random.Random) -> None:
    for number in [acknowledged[-1], *chosen.sample(acknowledged, min(20, len(acknowledged)))]:
        assert len(trace_spans(server, f"{number + 1:032x}")) == 1, number


def kill_rounds(data: Path, rounds: int, seed: int) -> int:
    """Play some rounds on one data directory; the result counts acknowledged items."""
    chosen = random.Random(seed)
    total = 0
    previous = None
    for turn in range(rounds + 1):
        with Appliance(data, only=LISTENERS, args=BUSY_SEALING) as server:
            if previous is not None:
                check_lines(server, previous["logs"].acknowledged)
                check_samples(server, previous["metrics"].acknowledged)
                check_spans(server, previous["traces"].acknowledged, chosen)
                total += sum(len(sender.acknowledged) for sender in previous.values())
            if turn == rounds:
                return total
            senders = start_senders(server, turn * ROUND)
            time.sleep(chosen.uniform(0.15, 0.8))  # the random moment is the test's subject
            server.kill()
            for sender in senders.values():
                sender.join()
                assert sender.acknowledged, server.tail()
            previous = senders
    return total


def test_three_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path / "data", 3, seed=1) > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    total = kill_rounds(tmp_path / "data", ROUNDS, seed=2)
    print(f"{ROUNDS} kills, {total:,} acknowledged items, each there exactly once")  # noqa: T201
    assert total > ROUNDS
