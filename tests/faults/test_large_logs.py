"""Retention by bytes of a large store while entries keep coming.

APPLIANCE_LARGE_MB=10000 makes the file as large as those on which others fail.
"""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path

import pytest

from appliance.store.logs.store import LogOptions
from appliance.store.retention import Retention
from tests.store.logs.build import batch, open_store, select

MEGABYTES = int(os.environ.get("APPLIANCE_LARGE_MB", "200"))
LINES, LINE_BYTES = 1000, 500
SECOND_NS = 10**9


def lines_of(chosen: random.Random, number: int) -> list[str]:
    """Lines that nothing makes smaller than half, with their request's number."""
    return [f"{number} {chosen.randbytes(LINE_BYTES).hex()}" for _ in range(LINES)]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_large_file_shrinks_to_its_budget_while_entries_come(tmp_path: Path) -> None:
    budget, chosen = MEGABYTES * 500_000, random.Random(3)
    store = open_store(tmp_path, LogOptions())
    requests = MEGABYTES * 1_000_000 // (LINES * LINE_BYTES)
    for number in range(requests):
        times = [number * SECOND_NS + n for n in range(LINES)]
        app = {"app": str(number % 8)}
        store.append("t", [batch(app, times, lines_of(chosen, number))]).result(30)
        if store.seal_due:
            store.seal()
    store.seal(force=True)
    assert store.disk_bytes() > budget
    came: list[int] = []
    done = threading.Event()

    def send() -> None:
        while not done.is_set():
            at = requests * SECOND_NS + len(came)
            store.append("t", [batch({"app": "live"}, [at], [f"live {at}"])]).result(30)
            came.append(at)

    sender = threading.Thread(target=send)
    sender.start()
    pruned = store.retain(Retention(max_bytes=budget))
    done.set()
    sender.join()
    assert pruned.items > 0
    assert len(came) > 10
    store.close()
    assert (tmp_path / "logs.db").stat().st_size <= budget * 1.05
    store = open_store(tmp_path, LogOptions())
    left = [int(at) for chunk in select(store) for at in chunk.timestamps_ns]
    kept = sorted(set(left))
    assert len(kept) == len(left)
    assert kept[-len(came) :] == came  # nothing that came meanwhile is lost
    oldest = kept[0] // SECOND_NS
    assert requests // 4 < oldest < requests  # the newest part stays, about as much as fits
    store.close()
