"""kill -9 at random moments: everything acknowledged is there exactly once after the restart."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from appliance.testing import Appliance
from tests.faults.acknowledged import BUSY_SEALING, LISTENERS, check
from tests.faults.senders import ROUND, start_senders

#: Rounds of the full test; `APPLIANCE_KILL_ROUNDS` changes it.
ROUNDS = int(os.environ.get("APPLIANCE_KILL_ROUNDS", "50"))


def kill_rounds(data: Path, rounds: int, seed: int) -> int:
    """Play some rounds on one data directory; the result counts acknowledged items."""
    chosen = random.Random(seed)
    total = 0
    previous = None
    for turn in range(rounds + 1):
        with Appliance(data, only=LISTENERS, args=BUSY_SEALING) as server:
            if previous is not None:
                check(server, previous, chosen)
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
