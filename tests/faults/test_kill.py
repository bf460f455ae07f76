"""kill -9 at random moments: everything acknowledged is there exactly once after the restart."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.store.directory import find_damage
from appliance.testing import Appliance
from tests.faults.acknowledged import BUSY_SEALING, LISTENERS, check
from tests.faults.numbered import KEPT, START_MS, numbers, open_store
from tests.faults.rounds import chosen_rounds
from tests.faults.senders import ROUND, start_senders
from tests.faults.stores import SIGNALS

#: Rounds of the full test; `APPLIANCE_KILL_ROUNDS` changes it.
ROUNDS = chosen_rounds(50)


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
            for sender in senders.values():
                assert sender.began.wait(20), server.tail()
            time.sleep(chosen.uniform(0.05, 0.7))  # the random moment is the test's subject
            server.kill()
            for sender in senders.values():
                sender.join()
            previous = senders
    return total


@pytest.mark.timeout(180)
def test_three_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path / "data", 3, seed=1) > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    total = kill_rounds(tmp_path / "data", ROUNDS, seed=2)
    print(f"{ROUNDS} kills, {total:,} acknowledged items, each there exactly once")  # noqa: T201
    assert total > ROUNDS


def test_kills_while_retention_prunes_lose_and_repeat_nothing(tmp_path: Path) -> None:
    chosen = random.Random(3)
    first = dict.fromkeys(SIGNALS, 0)
    for _ in range(2):
        children = {signal: start_pruning(signal, tmp_path, first[signal]) for signal in SIGNALS}
        for signal, child in children.items():
            last = kill_after(child, first[signal] + KEPT + chosen.randrange(20, 120))
            path = tmp_path / f"{signal}.db"
            assert find_damage(path) is None
            store = open_store(signal, path, ManualClock(START_MS + last * 1000))
            found = numbers(signal, store)
            store.close()
            assert set(found.values()) == {1}
            assert set(range(last - KEPT + 2, last + 1)) <= found.keys()
            assert len(found) < last + 2 - first[signal]  # it did prune
            first[signal] = last + 2  # the one after the last may be there, unacknowledged


def start_pruning(signal: str, folder: Path, first: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.pruning_child"]
    arguments = [signal, str(folder / f"{signal}.db"), str(first)]
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)


def kill_after(child: subprocess.Popen[str], number: int) -> int:
    """Kill a child that has told this number; returns the last one that it told."""
    assert child.stdout is not None
    told = [int(next(child.stdout))]
    while told[-1] < number:
        told.append(int(next(child.stdout)))
    child.kill()
    told += map(int, child.communicate()[0].split())
    return told[-1]
