"""kill -9 of whoever keeps alerts: everything acknowledged is there, nothing is there in halves."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from appliance.store.alerts.store import AlertStore
from appliance.store.directory import find_damage
from tests.faults.alerting_child import (
    KEPT,
    PER_CALL,
    alerts_of,
    entries_of,
    events_of,
    open_store,
    rule_of,
    silence_of,
)
from tests.faults.rounds import chosen_rounds

ROUNDS = chosen_rounds(50)


def kill_rounds(folder: Path, rounds: int, seed: int) -> int:
    """Rounds on one file; the result is the last number."""
    chosen = random.Random(seed)
    path, first = folder / "alerts.db", 0
    for _ in range(rounds):
        last = told_until_killed(path, first, chosen.randrange(5, 60))
        assert find_damage(path) is None
        store = open_store(path)
        for number in range(max(first, last - 10), last + 1):
            check_stored(store, number)
        check_whole(store, last + 1)
        check_events(store, first, last)
        store.close()
        first = last + 2  # the one after the last may be there, unacknowledged
    return first


def told_until_killed(path: Path, first: int, count: int) -> int:
    command = [sys.executable, "-m", "tests.faults.alerting_child", str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        told = [int(next(child.stdout)) for _ in range(count)]
        child.kill()
        told += map(int, child.stdout.read().split())
    return told[-1]


def check_stored(store: AlertStore, number: int) -> None:
    """What was put under a number, less what later ones replaced."""
    alerts = {one.fingerprint: one for one in store.load_alerts()}
    for one in alerts_of(number)[:PER_CALL]:
        assert alerts[one.fingerprint] == one
    assert silence_of(number) in store.load_silences()
    log = store.load_log()
    assert all(one in log for one in entries_of(number))


def check_whole(store: AlertStore, number: int) -> None:
    """A call that was not acknowledged is there as a whole or not at all."""
    alerts = [one for one in store.load_alerts() if one.starts_ns == number]
    assert len(alerts) in {0, PER_CALL + 1}
    (changing,) = (one for one in store.load_alerts() if one.labels.get("is"))
    assert changing.starts_ns == (number if alerts else number - 1)
    assert sum(one.sent_ns == number for one in store.load_log()) in {0, PER_CALL}
    saved = store.load_rule_alerts("g")
    newest = number - 1 if saved["r"].evaluated_ms == number - 1 else number
    for key, expected in rule_of(newest).items():
        assert saved[key].alerts == tuple(expected)


def check_events(store: AlertStore, first: int, last: int) -> None:
    """Each number that is not old enough to be pruned has its two events, by any way to them."""
    events = store.events(limit=100_000)
    counts = Counter(one.at_ns for one in events)
    assert set(counts.values()) == {2}
    assert set(range(max(first, last - KEPT + 2), last + 1)) <= counts.keys()
    expected = events_of(last)
    for alert in alerts_of(last)[:2]:
        found = store.events(fingerprints=[alert.fingerprint])
        kinds = [one.fingerprints for one in expected if alert.fingerprint in one.fingerprints]
        assert [one.fingerprints for one in found] == kinds
    assert store.events(group_key=f"{last % 50}", newest_first=True)[0].at_ns == last


def test_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path, 3, seed=1) > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    total = kill_rounds(tmp_path, ROUNDS, seed=2)
    print(f"{ROUNDS} kills, {total:,} numbers, each there as a whole")  # noqa: T201
