"""Marks: durable with the entries they stand for, found by prefix, forgotten when told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from appliance.base.errors import Unavailable
from appliance.store.logs.store import LogStore
from tests.store.logs.build import batch, open_store, texts

A = {"app": "a"}


def test_entries_of_several_tenants_and_marks_are_stored_together(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    requests = [("t", [batch(A, [1])]), ("u", [batch(A, [2])]), ("t", [batch(A, [3])])]
    store.append_many(requests, {"file:/x": "7:100"}).result(5)
    assert store.marks("file:") == {"file:/x": "7:100"}
    store.close()
    store = open_store(tmp_path)
    assert texts(store) == ["1", "3"]
    assert texts(store, tenant="u") == ["2"]
    assert store.marks("") == {"file:/x": "7:100"}
    store.close()


def test_marks_alone_leave_no_inbox_row(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append_many([], {"a": "1"}).result(5)
    store.append_many([("t", [batch(A, [])])], {"a": "2"}).result(5)
    store.close()
    connection = sqlite3.connect(tmp_path / "logs.db")
    assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (0,)
    assert connection.execute("SELECT name, value FROM mark").fetchall() == [("a", "2")]
    connection.close()


def test_marks_are_found_by_prefix_and_dropped_by_name(store: LogStore) -> None:
    marks = {"file:a": "1", "file:\U0001f600": "2", "journal:x": "3", "file": "4", "filf": "5"}
    store.append_many([], marks).result(5)
    assert store.marks("file:") == {"file:a": "1", "file:\U0001f600": "2"}
    assert store.marks("file:a%") == {}
    store.drop_marks(["file:a", "nothing"]).result(5)
    assert sorted(store.marks("")) == ["file", "file:\U0001f600", "filf", "journal:x"]


def test_a_mark_is_not_set_when_its_entries_are_not_stored(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store._database.write(lambda c: c.execute("DROP TABLE inbox").fetchall()).result(5)
    with pytest.raises(Unavailable):
        store.append_many([("t", [batch(A, [1])])], {"a": "1"}).result(5)
    assert store.marks("") == {}
    store.close()
