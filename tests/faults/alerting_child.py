"""Puts numbered alerts, silences, log entries, rule states and events, until it is killed.

`python -m tests.faults.alerting_child FILE FIRST` prints each number once all of it is durable. One
alert changes with each number, so that rows are replaced too; old events are pruned all the time.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.alert import Alert
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.model.notification import LogEntry, LogKey
from appliance.model.rule_alert import RuleAlert
from appliance.model.silence import Silence
from appliance.store.alerts.store import AlertStore
from appliance.store.database import DatabaseOptions

#: So many of the newest events are never old enough to be pruned.
KEPT = 30
PER_CALL = 3


def open_store(path: Path) -> AlertStore:
    return AlertStore(path, database=DatabaseOptions(), clock=ManualClock(), telemetry=Telemetry())


def alerts_of(number: int) -> list[Alert]:
    """Some new ones, and one that each number changes."""
    labels = [Labels.of({"n": str(number), "i": str(i)}) for i in range(PER_CALL)]
    found = [Alert(one, {"n": str(number)}, number, number + 1, number) for one in labels]
    return [*found, replace(found[0], labels=Labels.of({"is": "changing"}), fingerprint="")]


def silence_of(number: int) -> Silence:
    return Silence(f"s{number}", (), number, number + 1, number, "me", "")


def entries_of(number: int) -> list[LogEntry]:
    told = frozenset([str(number)])
    keys = [LogKey(f"{number % 50}", "r", "webhook", i) for i in range(PER_CALL)]
    return [LogEntry(key, number, told, frozenset(), number + 1) for key in keys]


def rule_of(number: int) -> dict[str, list[RuleAlert]]:
    alerts = [RuleAlert(one.labels, {}, number, "firing", number) for one in alerts_of(number)]
    return {"r": alerts, f"r{number % 7}": alerts[:1]}


def events_of(number: int) -> list[AlertEvent]:
    names = tuple(one.fingerprint for one in alerts_of(number))
    alone = AlertEvent(number, EventKind.RECEIVED, names[:1], detail={"n": number})
    return [alone, replace(alone, fingerprints=names, group_key=f"{number % 50}", receiver="r")]


def main() -> None:
    store, number = open_store(Path(sys.argv[1])), int(sys.argv[2])
    latest = [number]

    def prune() -> None:
        while True:
            store.prune(latest[0] - KEPT)

    threading.Thread(target=prune, daemon=True).start()
    while True:
        writes: list[Future[None]] = [
            store.put_alerts(alerts_of(number)),
            store.put_silences([silence_of(number)]),
            store.put_log(entries_of(number)),
            store.put_rule_alerts("g", rule_of(number), number),
        ]
        store.append_events(events_of(number)).result()
        for write in writes:
            write.result()
        latest[0] = number
        print(number, flush=True)  # noqa: T201 - the parent reads it
        number += 1


if __name__ == "__main__":
    main()
