"""Reads numbers on from a mark and stores lines with the next mark, until it is killed.

`python -m tests.faults.marking_child FILE RUN` prints the mark once it is durable. Times are of
this run, so that a line that is stored again is no duplicate of its first self. All the while heads
are sealed, and half of the lines of another stream are deleted.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from appliance.model.labels import Labels
from appliance.model.log import LogChunk, StreamBatch
from appliance.model.matcher import Matcher, MatchOp
from appliance.store.logs.store import LogOptions, LogStore
from tests.store.logs.build import open_store

MARK = "file:/var/log/app.log"
DELETED = Matcher("app", MatchOp.EQUAL, "deleted")


def open_child(path: Path) -> LogStore:
    return open_store(path.parent, LogOptions(chunk_bytes=500))


def is_odd(chunk: LogChunk) -> NDArray[np.bool_]:
    return np.array([int(chunk.line(row)) % 2 == 1 for row in range(len(chunk))])


def upkeep(store: LogStore) -> None:
    while True:
        store.seal(force=True)
        store.delete("t", (DELETED,), 0, 1 << 62, choose=is_odd)


def batch(app: str, run: int, numbers: range) -> StreamBatch:
    times = np.array(numbers, dtype=np.int64) + run * 1_000_000
    return StreamBatch(Labels.of({"app": app}), times, [b"%d" % n for n in numbers])


def main() -> None:
    path, run = Path(sys.argv[1]), int(sys.argv[2])
    store = open_child(path)
    at = int(store.marks(MARK).get(MARK, "0"))
    threading.Thread(target=upkeep, args=(store,), daemon=True).start()
    while True:
        numbers = range(at, at + 1 + at % 5)
        at = numbers.stop
        requests = [("t", [batch("kept", run, numbers)]), ("t", [batch("deleted", run, numbers)])]
        store.append_many(requests, {MARK: str(at)}).result()
        print(at, flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main()
