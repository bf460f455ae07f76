"""A copy of the file taken at any moment has every entry acknowledged before, exactly once."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
from collections import Counter
from pathlib import Path

from appliance.store.logs.store import LogOptions, LogStore
from tests.store.logs.build import batch, open_store, texts

ROUNDS = 8


class Writers:
    """A sender that notes what was acknowledged, and a sealer that is always busy."""

    def __init__(self, store: LogStore) -> None:
        self.acknowledged: list[str] = []
        self._store = store
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._send, self._seal)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            names = [f"{number}.{n}" for n in range(number % 3 + 1)]
            request = [batch({"app": name[-1]}, [number], [name]) for name in names]
            self._store.append("t", request).result(5)
            self.acknowledged.extend(names)

    def _seal(self) -> None:
        rnd = random.Random(1)
        while not self._stop.is_set():
            self._store.seal(force=rnd.random() < 0.3)


def no_checkpoints(connection: sqlite3.Connection) -> None:
    """Let the database file rest, so that a copy of it and then of the log is a state of both."""
    connection.execute("PRAGMA wal_autocheckpoint=0").fetchone()


def test_copies_taken_while_writing_have_all_that_was_acknowledged(tmp_path: Path) -> None:
    rnd = random.Random(4)
    live = tmp_path / "live"
    live.mkdir()
    store = open_store(live, LogOptions(chunk_bytes=200))
    store._database.write(no_checkpoints).result(5)
    writers = Writers(store)
    known = []
    for turn in range(ROUNDS):
        threading.Event().wait(rnd.uniform(0.005, 0.05))  # the random moment is the subject
        known.append(list(writers.acknowledged))
        (tmp_path / str(turn)).mkdir()
        for name in ("logs.db", "logs.db-wal"):
            shutil.copyfile(live / name, tmp_path / str(turn) / name)
    writers.stop()
    store.close()
    assert len(known[-1]) > 20
    for turn, before in enumerate(known):
        opened = open_store(tmp_path / str(turn))
        found = Counter(texts(opened))
        opened.close()
        assert set(before) <= set(found)
        assert set(found.values()) <= {1}
        assert set(found) <= set(writers.acknowledged)
