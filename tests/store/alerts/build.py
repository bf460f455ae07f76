"""An alert store on a clock that stands still, and things to put into it."""

from __future__ import annotations

from pathlib import Path

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.alert import Alert
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.store.alerts.store import AlertStore
from appliance.store.database import DatabaseOptions

NOW_NS = 1_700_000_000 * 10**9


def open_store(folder: Path, clock: ManualClock | None = None) -> AlertStore:
    return AlertStore(
        folder / "alerts.db",
        database=DatabaseOptions(),
        clock=clock or ManualClock(),
        telemetry=Telemetry(),
    )


def alert(number: int, *, ends_ns: int = NOW_NS + 60 * 10**9) -> Alert:
    labels = Labels.of({"alertname": "A", "number": str(number), "even": str(number % 2 == 0)})
    return Alert(labels, {"summary": f"it is {number}"}, NOW_NS, ends_ns, NOW_NS)


def event(number: int, *alerts: Alert, kind: EventKind = EventKind.RECEIVED) -> AlertEvent:
    fingerprints = tuple(one.fingerprint for one in alerts)
    return AlertEvent(NOW_NS + number, kind, fingerprints, detail={"number": number})
