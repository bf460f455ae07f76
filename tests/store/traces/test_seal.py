"""Sealing under failure and concurrency."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from appliance.base.errors import Unavailable
from appliance.store.traces.seal import SealPolicy
from appliance.store.traces.sealed.block import EncodedBlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.query.limits import QueryGuard
    from appliance.store.traces.store import SpanStore


def test_failed_seal_loses_nothing_and_is_tried_again(
    store: SpanStore, build: Any, guard: QueryGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    store.append("anonymous", build.batch([build.span(1, 1)])).result(5)
    with monkeypatch.context() as patch:
        patch.setattr(EncodedBlock, "insert", fail)
        with pytest.raises(Unavailable):
            store.seal(force=True)
    source = store.source("anonymous")
    store.append("anonymous", build.batch([build.span(1, 2)])).result(5)
    assert len(source.trace(build.trace_id(1), guard)) == 2
    assert store.seal_due
    assert store.seal() == 1  # what the failed pass had begun
    assert store.stats().head_items == 1
    assert len(source.trace(build.trace_id(1), guard)) == 2


def test_inbox_is_empty_after_a_forced_pass(store: SpanStore, build: Any) -> None:
    for number in range(1, 50):
        store.append(f"t{number % 3}", build.batch([build.span(1, number)])).result(5)
    assert store.seal(force=True) == 3
    with store._database.reader() as connection:
        assert connection.execute("SELECT count(*) FROM inbox").fetchone()[0] == 0


def test_readers_writers_and_two_sealers_at_once(
    open_store: Callable[..., SpanStore], build: Any, guard: QueryGuard
) -> None:
    """Every acknowledged span is seen exactly once, whatever else is going on."""
    store = open_store(spans=40, block_spans=60)
    stop = threading.Event()

    def seal() -> None:
        while not stop.is_set():
            store.seal()

    sealers = [threading.Thread(target=seal) for _ in range(2)]
    for thread in sealers:
        thread.start()
    source = store.source("anonymous")
    for number in range(1, 151):
        batch = build.batch([build.span(1, number * 10 + i) for i in range(5)])
        store.append("anonymous", batch).result(5)
        if number % 5 == 0:
            assert len(source.trace(build.trace_id(1), guard)) == number * 5
            views = source.scan(0, 2**63 - 1, guard)
            seen = sorted(one for view in views for one in view.numbers("span_id").tolist())
            assert seen == [n * 10 + i for n in range(1, number + 1) for i in range(5)]
    stop.set()
    for thread in sealers:
        thread.join()
    assert store.stats().blocks > 3


def test_policy_is_not_due_on_an_empty_head(store: SpanStore) -> None:
    assert not store.seal_due
    assert store.seal(force=True) == 0
    assert SealPolicy().spans < SealPolicy().block_spans
