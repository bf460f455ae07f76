"""Files of older versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from appliance.query.limits import QueryGuard
    from appliance.store.traces.store import SpanStore


def test_files_of_the_first_version_are_brought_up_to_date(
    tmp_path: Path, open_store: Callable[..., SpanStore], build: Any, guard: QueryGuard
) -> None:
    """A file as version 1 left it: blocks without their latest end."""
    path, old_path = tmp_path / "traces.db", tmp_path / "old.db"
    store = open_store(path)
    store.append("t", build.batch([build.span(1, 1, start_ns=100, duration_ns=300)])).result(5)
    store.seal(force=True)
    store.close()
    old = sqlite3.connect(old_path)
    old.execute("PRAGMA auto_vacuum=INCREMENTAL")
    schema = resources.files("appliance.store") / "migrations" / "traces" / "0001_initial.sql"
    old.executescript(schema.read_text())
    old.execute("ATTACH ? AS new", (str(path),))
    for table in ("tenant", "block", "block_column", "trace_filter", "operation"):
        names = ", ".join(row[1] for row in old.execute(f"PRAGMA main.table_info({table})"))
        old.execute(f"INSERT INTO main.{table}({names}) SELECT {names} FROM new.{table}")
    old.execute("PRAGMA user_version=1")
    old.commit()
    old.close()
    source = open_store(old_path).source("t")
    assert len(source.trace(build.trace_id(1), guard)) == 1
    assert [block.count for block in source.scan(0, 1000, guard)] == [1]
    with source.whole_traces(100, 200, guard) as blocks:
        assert len(blocks) == 1
    with source.whole_traces(200, 300, guard) as blocks:
        assert len(blocks) == 0  # its end is not known
