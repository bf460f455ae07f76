"""Alerts, silences, the log, rule states and documents survive a restart."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput
from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.notification import LogEntry, LogKey
from appliance.model.rule_alert import RuleAlert, SavedAlerts
from appliance.model.silence import Silence
from appliance.store.alerts.store import AlertStore
from appliance.store.failure import FileDamaged
from appliance.store.retention import Retention, RetentionRule
from tests.store.alerts.build import NOW_NS, alert, event, open_store

YEAR_9999_NS = 253_402_300_799 * 10**9
SILENCE = Silence(
    "0b9a2bb2-9be8-4d31-8e5c-7a8e8e0d1f00",
    (Matcher("alertname", MatchOp.REGEX, "A|B"), Matcher('größe "x"', MatchOp.NOT_EQUAL, "")),
    NOW_NS,
    YEAR_9999_NS,
    NOW_NS + 1,
    "me",
    "because\n",
    {"ticket": "17"},
)
KEY = LogKey('{}/{a="b"}:{c="d"}', "team", "slack", 1)
ENTRY = LogEntry(KEY, NOW_NS, frozenset(["a", "b"]), frozenset(["c"]), YEAR_9999_NS, {"ts": "1.2"})
PENDING = RuleAlert(Labels.of({"alertname": "A"}), {"s": "t"}, math.inf, "pending", 1_000)
FIRING = RuleAlert(Labels.of({"alertname": "B"}), {}, -0.5, "firing", 1, 2, 3, 4, 5)


def test_alerts_survive_and_are_replaced_and_deleted(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    far = replace(alert(3, ends_ns=YEAR_9999_NS), generator_url="http://x", has_timeout=True)
    store.put_alerts([alert(1), alert(2), far]).result(5)
    newer = replace(alert(2), annotations={"summary": "ö"}, starts_ns=-(10**20))
    store.put_alerts([newer]).result(5)
    store.delete_alerts([alert(1).fingerprint, "unknown"]).result(5)
    store.close()
    store = open_store(tmp_path)
    found = {one.fingerprint: one for one in store.load_alerts()}
    assert found == {one.fingerprint: one for one in (newer, far)}
    assert all(type(one.labels) is Labels for one in found.values())
    store.close()


def test_silences_survive_and_are_replaced_and_deleted(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    other = replace(SILENCE, id="other")
    store.put_silences([SILENCE, other]).result(5)
    store.put_silences([replace(SILENCE, comment="new")]).result(5)
    store.close()
    store = open_store(tmp_path)
    assert store.load_silences() == [replace(SILENCE, comment="new"), other]
    store.delete_silences([SILENCE.id]).result(5)
    assert store.load_silences() == [other]
    store.close()


def test_log_entries_survive_and_are_replaced_and_deleted(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    other = replace(ENTRY, key=KEY._replace(number=2), firing=frozenset())
    store.put_log([ENTRY, other]).result(5)
    newer = replace(ENTRY, sent_ns=NOW_NS + 1, data={})
    store.put_log([newer]).result(5)
    store.close()
    store = open_store(tmp_path)
    assert {one.key: one for one in store.load_log()} == {KEY: newer, other.key: other}
    store.delete_log([KEY]).result(5)
    assert store.load_log() == [other]
    store.close()


def test_rule_alerts_survive_by_group(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.put_rule_alerts("f;g", {"r1": [PENDING, FIRING], "r2": [FIRING]}, 10).result(5)
    store.put_rule_alerts("f;h", {"r3": [PENDING]}, 10).result(5)
    store.put_rule_alerts("f;g", {"r2": []}, 20).result(5)
    store.close()
    store = open_store(tmp_path)
    assert store.load_rule_alerts("f;g") == {"r1": SavedAlerts(10, (PENDING, FIRING))}
    store.put_rule_alerts("f;g", {"r1": [PENDING], "r3": [FIRING]}, 20).result(5)
    store.touch_rule_alerts("f;g", ["r1"], 30).result(5)
    assert store.load_rule_alerts("f;g") == {
        "r1": SavedAlerts(30, (PENDING,)),
        "r3": SavedAlerts(20, (FIRING,)),
    }
    assert store.load_rule_alerts("f;h")["r3"].evaluated_ms == 10
    store.keep_rule_alerts("f;g", []).result(5)
    assert store.load_rule_alerts("f;g") == {}
    assert store.load_rule_alerts("f;h")
    store.close()


def test_a_rules_value_may_be_no_number(store: AlertStore) -> None:
    store.put_rule_alerts("g", {"r": [replace(PENDING, value=math.nan)]}, 1).result(5)
    (found,) = store.load_rule_alerts("g")["r"].alerts
    assert math.isnan(found.value)


def test_documents_survive_by_kind(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.put_document("ack", "a", {"by": "me", "at": 1}).result(5)
    store.put_document("ack", "b", {}).result(5)
    store.put_document("override", "a", {"x": "y" * 5000}).result(5)
    store.put_document("ack", "a", {"by": "you"}).result(5)
    store.close()
    store = open_store(tmp_path)
    assert store.documents("ack") == {"a": {"by": "you"}, "b": {}}
    assert store.get_document("override", "a") == {"x": "y" * 5000}
    assert store.get_document("ack", "c") is None
    store.delete_document("ack", "a").result(5)
    assert store.documents("ack") == {"b": {}}
    store.close()


def test_a_bad_fingerprint_is_refused_and_nothing_of_it_stored(store: AlertStore) -> None:
    bad = Alert(Labels.of({"a": "b"}), {}, 1, 2, 3, fingerprint="no")
    with pytest.raises(BadInput, match="'no' is not 16 hex digits"):
        store.put_alerts([alert(1), bad]).result(5)
    assert store.load_alerts() == []


def test_labels_of_alerts_are_known_and_found(store: AlertStore) -> None:
    alerts = [alert(number) for number in range(6)]
    store.put_alerts(alerts[:5]).result(5)
    store.note_labels({alerts[5].fingerprint: alerts[5].labels}).result(5)
    by_number = {one.labels.get("number"): one.fingerprint for one in alerts}
    assert store.known_labels([alerts[5].fingerprint, "f" * 16, "bad"]) == {
        alerts[5].fingerprint: alerts[5].labels
    }

    def found(*matchers: Matcher, limit: int = 100) -> set[str]:
        labels = store.find_labels(matchers, limit=limit)
        assert all(by_number[one.get("number")] == name for name, one in labels.items())
        return {one.get("number") for one in labels.values()}

    even = Matcher("even", MatchOp.EQUAL, "True")
    assert found() == set("012345")
    assert found(even) == set("024")
    assert found(even, Matcher("number", MatchOp.NOT_EQUAL, "2")) == set("04")
    assert found(Matcher("number", MatchOp.REGEX, "[45]")) == set("45")
    assert found(Matcher("absent", MatchOp.EQUAL, "")) == set("012345")
    assert found(Matcher("number", MatchOp.EQUAL, "")) == set()
    assert len(found(limit=2)) == 2


async def test_prune_forgets_old_events_and_what_only_they_told(
    store: AlertStore, clock: ManualClock
) -> None:
    old, new, stored = alert(1), alert(2), alert(3)
    store.note_labels({one.fingerprint: one.labels for one in (old, new)}).result(5)
    store.put_alerts([stored]).result(5)
    store.append_events([event(1, old, new), event(2, old), event(3, stored)]).result(5)
    store.append_events([event(10, new)]).result(5)
    await clock.advance(2 * 3600)
    pruned = store.prune(NOW_NS + 10)
    assert (pruned.blocks, pruned.items) == (1, 3)
    assert [one.at_ns - NOW_NS for one in store.events()] == [10]
    assert store.events(fingerprints=[old.fingerprint]) == []
    names = {one.fingerprint for one in (old, new, stored)}
    assert set(store.known_labels(names)) == names - {old.fingerprint}
    tables = {"alert_set": 0, "member": 0, "event": 1, "alert": 1}
    with store._database.reader() as connection:
        for table, count in tables.items():
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == count


def test_ids_are_never_used_twice(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert list(store.append_events([event(1), event(2)]).result(5)) == [1, 2]
    store.prune(NOW_NS + 100)
    assert store.events() == []
    store.close()
    store = open_store(tmp_path)
    assert list(store.append_events([event(3)]).result(5)) == [3]
    store.close()


async def test_labels_that_no_event_followed_go_after_a_day(
    store: AlertStore, clock: ManualClock
) -> None:
    one = alert(1)
    store.note_labels({one.fingerprint: one.labels}).result(5)
    store.put_rule_alerts("g", {"r": [PENDING]}, clock.now_ms()).result(5)
    store.prune(0)
    assert store.known_labels([one.fingerprint])
    await clock.advance(25 * 3600)
    store.prune(0)
    assert not store.known_labels([one.fingerprint])
    assert not store.load_rule_alerts("g")


def test_retention_keeps_within_bytes_and_age(store: AlertStore, clock: ManualClock) -> None:
    store.put_silences([SILENCE]).result(5)
    noise = [replace(event(n), detail={"n": f"{n * 7919:x}" * 30}) for n in range(20_000)]
    store.append_events(noise).result(30)
    bound = 1 << 20
    assert store.disk_bytes() > 2 * bound
    assert store.retain(Retention((RetentionRule(3600_000),), max_bytes=bound)).items > 10_000
    left = store.events(limit=20_000)
    assert 100 < len(left) < 10_000
    assert left[-1].at_ns == noise[-1].at_ns
    assert store.load_silences() == [SILENCE]
    assert store.retain(Retention((RetentionRule(-1000),))).items == len(left)
    assert store.retain(Retention()).items == 0
    assert clock.now_ms() * 1_000_000 == NOW_NS


def test_a_damaged_value_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = open_store(tmp_path)
    store.put_alerts([alert(1), alert(2)]).result(5)
    store.put_rule_alerts("g", {"r": [PENDING]}, 1).result(5)
    store.append_events([event(1, alert(1))]).result(5)
    store.close()
    with sqlite3.connect(tmp_path / "alerts.db") as connection:
        connection.execute(
            "UPDATE alert SET data = x'00' WHERE rowid IN (SELECT min(rowid) FROM alert)"
        )
        connection.execute("UPDATE rule_state SET data = x'28b52ffd00'")
        connection.execute("UPDATE event SET detail = x'ff'")
    connection.close()
    store = open_store(tmp_path)
    assert len(store.load_alerts()) == 1
    assert store.load_rule_alerts("g") == {}
    with pytest.raises(FileDamaged, match="alerts.db is damaged"):
        store.events()
    assert caplog.text.count("damaged and left out") == 2
    store.close()


async def test_labels_are_known_again_when_an_alert_comes_back_after_it_was_forgotten(
    store: AlertStore, clock: ManualClock
) -> None:
    one = alert(1)
    store.put_alerts([one]).result(5)
    writes = [store.put_alerts([one]), store.delete_alerts([one.fingerprint])]
    for write in writes:
        write.result(5)
    await clock.advance(2 * 86_400)
    store.prune(1)
    assert store.known_labels([one.fingerprint]) == {}
    store.put_alerts([one]).result(5)
    assert store.known_labels([one.fingerprint]) == {one.fingerprint: one.labels}
