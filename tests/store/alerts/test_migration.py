"""Files of the first schema."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

from appliance.model.alert import Alert
from appliance.store.alerts import records
from tests.store.alerts.build import NOW_NS, alert, open_store


def test_what_the_first_schema_has_is_there_and_can_be_changed(tmp_path: Path) -> None:
    one, two = alert(1), alert(2)
    _write_old(tmp_path / "alerts.db", one, two)
    store = open_store(tmp_path)
    assert sorted(store.load_alerts(), key=lambda found: found.fingerprint) == sorted(
        [one, two], key=lambda found: found.fingerprint
    )
    names = {one.fingerprint: one.labels, two.fingerprint: two.labels}
    assert store.known_labels(list(names)) == names
    newer = alert(2, ends_ns=NOW_NS + 5)
    store.put_alerts([newer]).result(5)
    store.delete_alerts([one.fingerprint]).result(5)
    assert store.load_alerts() == [newer]
    store.close()


def _write_old(path: Path, *alerts: Alert) -> None:
    schema = resources.files("appliance.store") / "migrations" / "alerts" / "0001_initial.sql"
    old = sqlite3.connect(path)
    old.executescript(schema.read_text())
    for found in alerts:
        number = records.number_of(found.fingerprint)
        old.execute("INSERT INTO alert VALUES (?, ?)", (number, records.encode_alert(found)))
        old.execute("INSERT INTO label_set VALUES (?, ?, 1)", (number, found.labels.encode()))
    old.execute("PRAGMA user_version=1")
    old.commit()
    old.close()
