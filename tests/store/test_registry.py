"""Numbers of tenants and label sets: durable before they are used, never twice."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.base.errors import LimitExceeded
from appliance.model.labels import Labels
from appliance.store.label_index import LabelIndex
from appliance.store.registry import Registry, Tenants

SCHEMA = """
CREATE TABLE tenant(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE series(id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, labels BLOB NOT NULL);
"""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    opened.executescript(SCHEMA)
    yield opened
    opened.close()


def label(name: str) -> Labels:
    return Labels.of({"__name__": name})


def open_registry(connection: sqlite3.Connection, limit: int = 100) -> Registry:
    return Registry(connection, "series", limit=limit, limit_name="limits.series_per_tenant")


def transact(connection: sqlite3.Connection, *preludes: Tenants | Registry, fail: bool) -> None:
    """What the writer thread does, with or without a failure after the preludes."""
    connection.execute("BEGIN")
    for prelude in preludes:
        prelude.begin(connection)
    connection.execute("ROLLBACK" if fail else "COMMIT")
    for prelude in preludes:
        if fail:
            prelude.rolled_back()
        else:
            prelude.committed()


def test_numbers_survive_a_rollback_and_a_restart(connection: sqlite3.Connection) -> None:
    tenants, registry = Tenants(connection), open_registry(connection)
    tenant = tenants.id_of("a")
    first = registry.resolve(tenant, [label("one"), label("two")]).tolist()
    transact(connection, tenants, registry, fail=True)
    second = registry.resolve(tenant, [label("two"), label("three")]).tolist()
    transact(connection, tenants, registry, fail=False)
    transact(connection, tenants, registry, fail=False)  # nothing is written again
    assert second[0] == first[1]
    again, registered = Tenants(connection), open_registry(connection)
    assert again.id_of("a") == tenant
    assert again.id_of("b") != tenant
    names = [label("one"), label("two"), label("three")]
    assert registered.resolve(tenant, names).tolist() == [*first, second[1]]
    assert registered.resolve(tenant, [label("four")])[0] > max(second)


def test_what_comes_while_a_transaction_runs_is_written_by_the_next(
    connection: sqlite3.Connection,
) -> None:
    registry = open_registry(connection)
    registry.resolve(1, [label("early")])
    connection.execute("BEGIN")
    registry.begin(connection)
    registry.resolve(1, [label("late")])
    connection.execute("COMMIT")
    registry.committed()
    transact(connection, registry, fail=False)
    assert len(open_registry(connection).index(1)) == 2


def test_limit_adds_none_of_the_new_ones(connection: sqlite3.Connection) -> None:
    registry = open_registry(connection, limit=2)
    registry.resolve(1, [label("one")])
    with pytest.raises(LimitExceeded, match=r"limits\.series_per_tenant"):
        registry.resolve(1, [label("one"), label("two"), label("three")])
    assert len(registry.index(1)) == 1
    registry.resolve(2, [label("two"), label("three")])  # another tenant has room


def test_names_can_be_listed_while_tenants_come(connection: sqlite3.Connection) -> None:
    tenants = Tenants(connection)
    for number in range(2000):
        tenants.id_of(f"early {number}")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    adding = threading.Thread(
        target=lambda: [tenants.id_of(f"late {number}") for number in range(10_000)]
    )
    try:
        adding.start()
        while adding.is_alive():
            assert len(tenants.names()) >= 2000
    finally:
        adding.join()
        sys.setswitchinterval(interval)


def test_requests_at_the_same_time_keep_the_limit_together(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one request adds its label sets, another one comes for more than the rest."""
    registry = open_registry(connection, limit=100)
    add = registry._add
    refused: list[None] = []

    def add_and_meet(tenant: int, index: LabelIndex, key: bytes) -> int:
        if not refused:
            refused.append(None)
            registry._lock.release()
            try:
                with pytest.raises(LimitExceeded):
                    registry.resolve(1, [label(f"b{n}") for n in range(50)])
            finally:
                registry._lock.acquire()
        return add(tenant, index, key)

    monkeypatch.setattr(registry, "_add", add_and_meet)
    registry.resolve(1, [label(f"a{n}") for n in range(60)])
    assert refused
    assert len(registry.index(1)) == 60
    registry.resolve(1, [label(f"c{n}") for n in range(40)])
