"""Appends numbered items, seals, and prunes all the time, until it is killed.

`python -m tests.faults.pruning_child SIGNAL FILE FIRST` prints each number once it is durable.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from appliance.base.clock import ManualClock
from appliance.store.retention import Retention, RetentionRule
from tests.faults.numbered import KEPT, START_MS, append, open_store


class StepClock(ManualClock):
    """Stands where it is put."""

    def put(self, now_ms: int) -> None:
        self._now_ns = now_ms * 1_000_000


def main() -> None:
    signal, path, first = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    clock = StepClock(START_MS + first * 1000)
    store = open_store(signal, path, clock)
    rules = Retention((RetentionRule(KEPT * 1000),), max_bytes=1 << 40)

    def prune() -> None:
        while True:
            store.retain(rules)

    threading.Thread(target=prune, daemon=True).start()
    number = first
    while True:
        append(signal, store, number)
        clock.put(START_MS + number * 1000)
        print(number, flush=True)  # noqa: T201 - the parent reads it
        number += 1
        if number % 4 == 0:
            store.seal(force=True)


if __name__ == "__main__":
    main()
