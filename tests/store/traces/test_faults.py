"""A crash at any instant: what was acknowledged is there after the restart, exactly once."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from appliance.query.limits import QueryGuard
    from appliance.store.traces.store import SpanStore

#: Appends spans 1, 2, 3, … in requests of three while two threads seal; prints what is durable.
WRITER = """
import sys, threading
from pathlib import Path
import numpy as np
from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.model.trace import SpanBatch
from appliance.store.database import DatabaseOptions
from appliance.store.traces.seal import SealPolicy
from appliance.store.traces.store import SpanOptions, SpanStore

options = SpanOptions(seal=SealPolicy(spans=20, block_spans=30))
store = SpanStore(Path(sys.argv[1]), options, database=DatabaseOptions(),
                  clock=SystemClock(), telemetry=Telemetry())

def seal():
    while True:
        store.seal()

threading.Thread(target=seal, daemon=True).start()
zeros = np.zeros(3, np.int32)
number = int(sys.argv[2])
while True:
    ids = np.arange(number, number + 3)
    store.append("a", SpanBatch(
        trace_ids=np.full((3, 16), 1, np.uint8), span_ids=ids.astype(np.uint64),
        parent_ids=ids.astype(np.uint64) * 0, start_ns=ids, duration_ns=ids,
        kinds=zeros.astype(np.uint8), statuses=zeros.astype(np.uint8),
        name_ids=zeros, names=["n"], service_ids=zeros, services=["s"],
        resource_ids=zeros, resources=[b""], scope_ids=zeros, scopes=[b""],
        spans=[b"%d" % one for one in ids])).result()
    number += 3
    print(number, flush=True)
"""


def stored_numbers(store: SpanStore, guard: QueryGuard) -> Counter[int]:
    views = store.source("a").scan(0, 2**63 - 1, guard)
    return Counter(one for view in views for one in view.numbers("span_id").tolist())


def copy_to(folder: Path, path: Path) -> Callable[[sqlite3.Connection], None]:
    """Work for the writer thread that copies the files as they are then."""

    def work(_: sqlite3.Connection) -> None:
        folder.mkdir()
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", folder / f"traces.db{suffix}")

    return work


def test_copy_of_the_files_at_any_moment_is_whole(
    open_store: Callable[..., SpanStore], build: Any, guard: QueryGuard, tmp_path: Path
) -> None:
    """The copies are made in the writer thread, in the middle of a transaction."""
    store = open_store(spans=20, block_spans=30)
    stop = threading.Event()
    rng = random.Random(1)
    copies: list[tuple[Path, int]] = []

    def seal() -> None:
        while not stop.is_set():
            store.seal()

    sealer = threading.Thread(target=seal)
    sealer.start()
    acknowledged = 0
    for number in range(80):
        batch = build.batch([build.span(1, number * 3 + n) for n in range(3)])
        store.append("a", batch).result(5)
        acknowledged += 3
        if rng.random() < 0.15:
            # A second append may share the copy's transaction, before or after it.
            folder = tmp_path / f"copy{number}"
            copies.append((folder, acknowledged))
            done = store._database.write(copy_to(folder, store._database.path))
            extra = build.batch([build.span(2, 10_000 + number)])
            store.append("a", extra).result(5)
            done.result(5)
    stop.set()
    sealer.join()
    assert len(copies) > 5
    for folder, count in copies:
        again = open_store(folder / "traces.db")
        found = stored_numbers(again, guard)
        assert set(found.values()) <= {1}
        assert set(found) >= set(range(count))
        assert {number for number in found if number < 10_000} == set(range(count))
        again.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_killed_process_loses_nothing_that_it_acknowledged(
    open_store: Callable[..., SpanStore], guard: QueryGuard, tmp_path: Path
) -> None:
    rng = random.Random(2)
    first = 1
    for round_number in range(3):
        path = tmp_path / "killed.db"
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(first)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(rng.randrange(20, 120))]
        writer.kill()
        rest = writer.stdout.read().split(b"\n")
        writer.stdout.close()
        writer.wait()
        durable = int([line for line in [*lines, *rest[:-1]] if line][-1])
        store = open_store(path)
        found = stored_numbers(store, guard)
        assert set(found.values()) == {1}, round_number
        assert set(found) >= set(range(1, durable))
        assert len(found) % 3 == 0  # requests are whole
        first = max(found) + 1
        store.close()
