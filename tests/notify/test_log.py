"""The notification log over a store that may fail."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import Unavailable
from appliance.base.tasks import spawn
from appliance.base.telemetry import Telemetry
from appliance.model.notification import LogEntry, LogKey
from appliance.notify.log import NotificationLog
from tests.notify.delivery.doubles import RETENTION_NS, MemoryStore
from tests.notify.receiving import NOW_MS, NOW_NS

HOUR = 3600 * 10**9


def entry(name: str = "g", *, sent_ns: int = NOW_NS, expires_ns: int = NOW_NS + HOUR) -> LogEntry:
    key = LogKey(name, "r", "webhook", 0)
    return LogEntry(key, sent_ns, frozenset({"a"}), frozenset(), expires_ns, {"ts": "1"})


def log_over(store: MemoryStore) -> tuple[NotificationLog, ManualClock, Telemetry]:
    clock, telemetry = ManualClock(NOW_MS), Telemetry()
    return NotificationLog(store, clock, telemetry, retention_ns=RETENTION_NS), clock, telemetry


async def test_what_was_told_is_found_again_after_a_restart() -> None:
    store = MemoryStore()
    log, _, _ = log_over(store)
    await log.put(entry())
    assert log.get(entry().key) == entry()
    other, _, _ = log_over(store)
    assert other.get(entry().key) is None
    await other.load()
    assert other.get(entry().key) == entry()
    assert other.entries() == [entry()]


async def test_what_was_told_meanwhile_comes_before_what_is_loaded() -> None:
    store = MemoryStore()
    store.entries[entry().key] = entry(sent_ns=1)
    log, _, _ = log_over(store)
    await log.put(entry(sent_ns=2))
    await log.load()
    found = log.get(entry().key)
    assert found is not None
    assert found.sent_ns == 2


async def test_expired_entries_are_forgotten() -> None:
    store = MemoryStore()
    log, clock, telemetry = log_over(store)
    await log.put(entry("old"))
    await log.put(entry("new", expires_ns=NOW_NS + 3 * HOUR))
    await clock.advance(3600)
    await log.maintain()
    assert [one.key.group_key for one in log.entries()] == ["new"]
    assert [key.group_key for key in store.entries] == ["new"]
    value = telemetry.registry.get_sample_value
    assert value("alertmanager_nflog_maintenance_total") == 1
    assert value("alertmanager_nflog_gc_duration_seconds_count") == 1


async def test_what_the_store_cannot_take_is_kept_and_stored_later() -> None:
    store = MemoryStore()
    log, _, telemetry = log_over(store)
    store.error = Unavailable("the disk is full")
    await log.put(entry())
    assert log.get(entry().key) == entry()
    assert not store.entries
    await log.maintain()
    assert not store.entries
    store.error = None
    await log.maintain()
    assert list(store.entries.values()) == [entry()]
    value = telemetry.registry.get_sample_value
    assert value("appliance_notify_log_write_errors_total") == 1
    assert value("alertmanager_nflog_maintenance_errors_total") == 1


async def test_what_is_told_anew_during_maintenance_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore()
    log, clock, _ = log_over(store)
    await log.put(entry("old"))
    store.error = Unavailable("full")
    await log.put(entry("waiting", expires_ns=NOW_NS + 3 * HOUR))
    store.error = None
    await clock.advance(3600)
    gate, put = asyncio.Event(), store.put_log

    def slow(entries: Sequence[LogEntry]) -> Future[None]:
        put(entries)
        held: Future[None] = Future()
        spawn(_set_later(gate, held), name="a slow disk")
        return held

    with monkeypatch.context() as patch:
        patch.setattr(store, "put_log", slow)
        maintained = spawn(log.maintain(), name="maintenance")
        await asyncio.sleep(0)
        patch.undo()
        await log.put(entry("old", expires_ns=NOW_NS + 3 * HOUR))
        gate.set()
        await maintained
    assert {key.group_key for key in store.entries} == {"old", "waiting"}


async def _set_later(gate: asyncio.Event, held: Future[None]) -> None:
    await gate.wait()
    held.set_result(None)


def test_when_entries_expire() -> None:
    log, _, _ = log_over(MemoryStore())
    assert log.expires_ns(NOW_NS, HOUR) == NOW_NS + 2 * HOUR
    assert log.expires_ns(NOW_NS, 1000 * HOUR) == NOW_NS + RETENTION_NS


async def test_an_announcement_is_for_the_next_process_only() -> None:
    store = MemoryStore()
    log, _, _ = log_over(store)
    await log.announce(entry())
    assert log.get(entry().key) is None
    other, _, _ = log_over(store)
    await other.load()
    found = other.get(entry().key)
    assert found == entry(sent_ns=0)
    await log.withdraw(entry().key)
    assert store.entries == {}


async def test_what_is_withdrawn_leaves_what_was_told_before() -> None:
    store = MemoryStore()
    log, _, _ = log_over(store)
    await log.put(entry())
    await log.announce(entry(sent_ns=5))
    assert store.entries[entry().key].sent_ns == 0
    await log.withdraw(entry().key)
    assert store.entries == {entry().key: entry()}
    store.error = Unavailable("full")
    await log.announce(entry(sent_ns=5))
    await log.withdraw(entry().key)
