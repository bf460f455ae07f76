"""Events are recorded in order; too many are dropped and counted."""

from __future__ import annotations

import threading
from pathlib import Path

from appliance.base.telemetry import Telemetry
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.store.alerts.recorder import StoredRecorder
from appliance.store.alerts.store import AlertStore
from tests.store.alerts.build import NOW_NS, alert, event, open_store


def dropped(telemetry: Telemetry) -> float:
    (line,) = [
        line
        for line in telemetry.expose().decode().splitlines()
        if line.startswith("appliance_alert_events_dropped_total ")
    ]
    return float(line.split()[1])


def block(store: AlertStore) -> threading.Event:
    """Keep the writer busy until the event is set."""
    gate = threading.Event()
    store._database.write(lambda _: gate.wait(10))
    return gate


async def test_events_are_stored_in_order(store: AlertStore) -> None:
    recorder = StoredRecorder(store, Telemetry())
    for number in range(5000):
        recorder.record(event(number, alert(number % 7)))
    recorder.record(event(5000), event(5001))
    await recorder.flush()
    found = store.events(limit=10_000)
    assert [one.at_ns - NOW_NS for one in found] == list(range(5002))
    await recorder.flush()


async def test_recording_from_threads_loses_nothing(store: AlertStore) -> None:
    recorder = StoredRecorder(store, Telemetry())

    def work(first: int) -> None:
        for number in range(first, first + 1000):
            recorder.record(event(number))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 4000, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await recorder.flush()
    assert {one.at_ns - NOW_NS for one in store.events(limit=5000)} == set(range(4000))


async def test_what_does_not_fit_is_dropped_and_counted(store: AlertStore) -> None:
    telemetry = Telemetry()
    recorder = StoredRecorder(store, telemetry, capacity=10)
    gate = block(store)
    recorder.record(event(0))
    for number in range(1, 14):
        recorder.record(event(number))
    recorder.record(event(14), event(15))
    assert dropped(telemetry) == 5
    gate.set()
    await recorder.flush()
    assert [one.at_ns - NOW_NS for one in store.events()] == list(range(11))
    recorder.record(event(20))
    await recorder.flush()
    assert len(store.events()) == 12


async def test_a_batch_that_cannot_be_stored_is_counted_and_the_next_one_is_stored(
    store: AlertStore,
) -> None:
    telemetry = Telemetry()
    recorder = StoredRecorder(store, telemetry)
    recorder.record(AlertEvent(NOW_NS, EventKind.ACKED, ("no fingerprint",)))
    await recorder.flush()
    assert dropped(telemetry) == 1
    recorder.record(event(1))
    await recorder.flush()
    assert len(store.events()) == 1


async def test_recording_after_the_end_only_counts(tmp_path: Path) -> None:
    telemetry = Telemetry()
    store = open_store(tmp_path)
    recorder = StoredRecorder(store, telemetry)
    recorder.record(*(event(number) for number in range(3000)))
    await recorder.stop()
    store.close()
    recorder.record(event(1))
    await recorder.flush()
    assert dropped(telemetry) == 1
    store = open_store(tmp_path)
    assert len(store.events(limit=5000)) == 3000
    store.close()


async def test_large_events_are_dropped_before_few_of_them_fill_the_memory(
    store: AlertStore,
) -> None:
    telemetry = Telemetry()
    recorder = StoredRecorder(store, telemetry)
    gate = block(store)
    recorder.record(event(0))
    for number in range(1, 11):
        recorder.record(AlertEvent(number, EventKind.ATTEMPT, detail={"body": "x" * (8 << 20)}))
    assert dropped(telemetry) == 2
    gate.set()
    await recorder.flush()
    recorder.record(event(11))
    await recorder.flush()
    assert [one.id for one in store.events(limit=100)] == list(range(1, 11))
    assert dropped(telemetry) == 2
