"""The alert store by itself: alerts, silences, the log, events, rule states; CPU and bytes.

`python -m bench.alerts_store --alerts 10000`
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.model.alert import Alert
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.notification import LogEntry, LogKey
from appliance.model.rule_alert import RuleAlert
from appliance.model.silence import Silence
from appliance.store.alerts.pruning import live_bytes
from appliance.store.alerts.recorder import StoredRecorder
from appliance.store.alerts.store import AlertStore
from appliance.store.database import DatabaseOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUPS = 300
HOUR_NS = 3600 * 10**9


def make_alerts(count: int, now_ns: int) -> list[Alert]:
    found = []
    for number in range(count):
        labels = {
            "alertname": "HighErrorRate",
            "service": f"svc-{number % GROUPS}",
            "instance": f"10.0.{number // 250}.{number % 250}:8080",
            "severity": "critical",
            "job": "shop",
        }
        texts = {
            "summary": f"Error rate of svc-{number % GROUPS} is above 5%",
            "runbook_url": "https://runbooks.example.com/HighErrorRate",
        }
        found.append(Alert(Labels.of(labels), texts, now_ns, now_ns + HOUR_NS, now_ns))
    return found


def story(alerts: list[Alert], now_ns: int) -> list[AlertEvent]:
    """What is recorded of alerts that all fire at once: four events each, three per group."""
    found = []
    for kind in (EventKind.PENDING, EventKind.FIRING):
        for one in alerts:
            detail = {"labels": dict(one.labels), "value": 0.07, "expr": "x > 0.05", "line": 12}
            found.append(AlertEvent(now_ns, kind, (one.fingerprint,), detail=detail))
    for number, one in enumerate(alerts):
        labels = {"labels": dict(one.labels)}
        received = AlertEvent(now_ns, EventKind.RECEIVED, (one.fingerprint,), detail=labels)
        key = f'{{}}/{{severity="critical"}}:{{service="svc-{number % GROUPS}"}}'
        routed = AlertEvent(now_ns, EventKind.ROUTED, (one.fingerprint,), key, "team")
        found += [received, routed]
    for number in range(GROUPS):
        members = alerts[number::GROUPS]
        names = tuple(one.fingerprint for one in members)
        key = f'{{}}/{{severity="critical"}}:{{service="svc-{number}"}}'
        body = "".join(str(dict(one.labels) | dict(one.annotations)) for one in members)
        attempt = {"integration": "webhook", "body": body, "status": 200, "seconds": 0.02}
        flushed = AlertEvent(now_ns, EventKind.FLUSHED, names, key, "team")
        found += [
            flushed,
            replace(flushed, kind=EventKind.ATTEMPT, detail=attempt),
            replace(flushed, kind=EventKind.NOTIFIED),
        ]
    return found


@contextmanager
def measured(what: str, items: int) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:44} {items:>8,} {wall * 1000:9.1f} ms {cpu * 1000:9.1f} CPU-ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--silences", type=int, default=1000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-alerts-") as folder:
        asyncio.run(run(Path(folder) / "alerts.db", chosen.alerts, chosen.silences))


def open_store(path: Path) -> AlertStore:
    return AlertStore(path, database=DatabaseOptions(), clock=SystemClock(), telemetry=Telemetry())


async def run(path: Path, alert_count: int, silence_count: int) -> None:
    now_ns = time.time_ns()
    store, alerts = open_store(path), make_alerts(alert_count, now_ns)
    put_values(store, alerts, silence_count, now_ns)
    put_rules(store, alerts)
    before = live_bytes(store._database)
    print(f"without events {before / 1e6:.1f} MB")
    events = story(alerts, now_ns)
    recorder = StoredRecorder(store, Telemetry())
    with measured("record and write events", len(events)):
        for start in range(0, len(events), 500):
            recorder.record(*events[start : start + 500])
            await asyncio.sleep(0)
        await recorder.flush()
    print(f"{(live_bytes(store._database) - before) / len(events):.0f} bytes an event")
    read(store, alerts)
    store.close()
    with measured("open", 1):
        store = open_store(path)
    with measured("load alerts, silences, log", alert_count + silence_count):
        assert len(store.load_alerts()) == alert_count
        store.load_silences()
        store.load_log()
    with measured("load the alerts of a rule", alert_count):
        store.load_rule_alerts("g")
    with measured("prune all events", len(events)):
        store.prune(now_ns + HOUR_NS)
    store.close()
    print(f"file {path.stat().st_size / 1e6:.1f} MB")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def put_values(store: AlertStore, alerts: list[Alert], silences: int, now_ns: int) -> None:
    with measured("put alerts, one call", len(alerts)):
        store.put_alerts(alerts).result()
    with measured("put them again", len(alerts)):
        store.put_alerts(alerts).result()
    with measured("put alerts, 64 a call", len(alerts)):
        for start in range(0, len(alerts), 64):
            store.put_alerts(alerts[start : start + 64]).result()
    matchers = (Matcher("service", MatchOp.EQUAL, "svc-1"), Matcher("job", MatchOp.REGEX, "s.*"))
    with measured("put silences, one a call", silences):
        for number in range(silences):
            found = Silence(f"s{number}", matchers, now_ns, now_ns + HOUR_NS, now_ns, "me", "why")
            store.put_silences([found]).result()
    told = frozenset(one.fingerprint for one in alerts[::GROUPS])
    with measured("put log entries, one a call", GROUPS):
        for number in range(GROUPS):
            key = LogKey(f"{{}}:{number}", "team", "webhook", 0)
            entry = LogEntry(key, now_ns, told, frozenset(), now_ns + HOUR_NS)
            store.put_log([entry]).result()


def put_rules(store: AlertStore, alerts: list[Alert]) -> None:
    rule = [RuleAlert(one.labels, one.annotations, 0.07, "firing", 1, 2) for one in alerts]
    with measured("put the alerts of a rule", len(rule)):
        store.put_rule_alerts("g", {"r": rule}, 1).result()


def read(store: AlertStore, alerts: list[Alert]) -> None:
    one = alerts[7]
    with measured("events of an alert", len(store.events(fingerprints=[one.fingerprint]))):
        store.events(fingerprints=[one.fingerprint])
    with measured("events of a receiver, newest", 100):
        store.events(receiver="team", newest_first=True, limit=100)
    with measured("events of a kind", GROUPS):
        store.events(kinds=[EventKind.NOTIFIED], limit=GROUPS)
    for op, value in ((MatchOp.EQUAL, "svc-7"), (MatchOp.REGEX, "svc-7.*")):
        matcher = Matcher("service", op, value)
        with measured(f"find labels, {matcher}", len(store.find_labels([matcher]))):
            store.find_labels([matcher])


if __name__ == "__main__":
    main()
