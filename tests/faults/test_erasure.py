"""Deleted lines leave no trace in the files, also when the process is killed on the way."""

from __future__ import annotations

import asyncio
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from appliance.ingest.log_deletion import LogDeleter
from appliance.model.deletion import DeleteState
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.store.logs.store import LogOptions, LogStore
from tests.faults.erasing_child import STEPS
from tests.store.logs.build import batch, open_store, texts
from tests.store.logs.remains import remains

ROOT = Path(__file__).parents[2]
A, B = {"app": "a"}, {"app": "b"}
#: Lines of stream `a` in each place that are to go, and that are to stay.
_EACH = 40


def entry(time: int, text: str, number: int) -> StreamBatch:
    """A short line, or one over more than a page, which does not compress."""
    filling = secrets.token_bytes(9000) if number % 10 == 0 else b""
    return StreamBatch(Labels.of(A), np.array([time]), [text.encode() + filling])


def fill(store: LogStore) -> tuple[list[str], list[str]]:
    """Words to go and to stay: sealed, sealed of one stream of the request, in the head alone."""
    gone: list[str] = []
    kept: list[str] = []
    for place in ("sealed", "half sealed", "head"):
        for number in range(_EACH):
            mine, others = secrets.token_hex(16), secrets.token_hex(16)
            time = 2 * len(gone)
            streams = [
                entry(time, f"go {mine}", number),
                batch(A, [time + 1], [f"stay {others}"]),
                batch(B, [time], [f"stay {others} too"]),
            ]
            store.append("t", streams).result(5)
            gone.append(mine)
            kept.append(others)
        if place == "sealed":
            store.seal(force=True)
        elif place == "half sealed":
            store._compactor.seal_streams([1])
    return gone, kept


@pytest.mark.parametrize("step", ["", *STEPS])
def test_a_deletion_leaves_no_trace(tmp_path: Path, step: str) -> None:
    store = open_store(tmp_path, LogOptions(chunk_bytes=2000))
    gone, kept = fill(store)
    assert remains(tmp_path, gone) == set(gone)
    store.create_deletion("t", '{app="a"} |= "go"', 0, 10_000).result(5)
    if step:
        store.close()
        command = [sys.executable, "-m", "tests.faults.erasing_child", f"{tmp_path}/logs.db", step]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
        store = open_store(tmp_path)
        assert store.deletions("t")[0].state is not DeleteState.PROCESSED
    try:
        assert asyncio.run(LogDeleter(store).work())
        (request,) = store.deletions("t")
        assert (request.deleted.entries, request.is_erased) == (len(gone), True)
        assert remains(tmp_path, gone) == set()
        assert set(texts(store)) == {f"stay {one}{end}" for one in kept for end in ("", " too")}
    finally:
        store.close()
    assert remains(tmp_path, gone) == set()
    assert remains(tmp_path, kept) == set(kept)
