"""Files of older versions: what they lack is parsed, derived or compared when it is read."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

from tests.store.logs.build import Bounds, batch, open_store, texts

A = {"app": "a"}


def test_files_of_the_first_version_are_brought_up_to_date(tmp_path: Path) -> None:
    """A file as version 1 left it: no fields, no line lengths, no marks."""
    store = open_store(tmp_path)
    lines = [f'{{"n":{n}}}' for n in range(200)]
    store.append("t", [batch(A, range(200), lines)]).result(5)
    store.seal(force=True)
    store.append("t", [batch(A, [500], ["head"])]).result(5)
    store.close()
    path = tmp_path / "logs.db"
    new = sqlite3.connect(path)
    columns = (
        "id, tenant, stream, min_ns, max_ns, entries, raw_bytes, stored_bytes, filter, times,"
        " NULL, metadata, text"
    )
    rows = {
        "tenant": new.execute("SELECT * FROM tenant").fetchall(),
        "stream": new.execute("SELECT * FROM stream").fetchall(),
        "inbox": new.execute("SELECT * FROM inbox").fetchall(),
        "chunk": new.execute(f"SELECT {columns} FROM chunk").fetchall(),
    }
    new.close()
    path.unlink()
    old = sqlite3.connect(path)
    old.execute("PRAGMA auto_vacuum=INCREMENTAL")
    schema = resources.files("appliance.store") / "migrations" / "logs" / "0001_initial.sql"
    old.executescript(schema.read_text())
    for table, items in rows.items():
        marks = ", ".join("?" * len(items[0]))
        old.executemany(f"INSERT INTO {table} VALUES ({marks})", items)
    old.execute("PRAGMA user_version=1")
    old.commit()
    old.close()
    store = open_store(tmp_path)
    assert texts(store) == [*lines, "head"]
    (none, _) = store.source("t").scan(
        (), 0, 999, Bounds(), work=lambda chunk: chunk.lines.fields("json", ("n",))
    )
    assert none is None
    assert sum(
        store.source("t").scan((), 5, 15, Bounds(), work=lambda c: int(c.offsets[-1]))
    ) == sum(len(line) + 1 for line in lines[5:15])
    store.append("t", [batch(A, [3, 500], [lines[3], "head"])]).result(5)
    assert texts(store) == [*lines, "head"]
    assert store.marks("") == {}
    assert store.delete("t", (), 0, 100).entries == 100
    store.close()
