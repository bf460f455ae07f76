"""A full disk or a damaged file: alerts are refused clearly, what was stored is not lost."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import StorageFull, Unavailable
from appliance.base.telemetry import Telemetry
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.store.alerts.recorder import StoredRecorder
from appliance.store.alerts.store import AlertStore
from appliance.store.database import DatabaseOptions
from appliance.store.directory import CHECK_AT_START_BYTES, DataDirectory
from appliance.testing import Appliance
from tests.faults.alerting_child import alerts_of, open_store, silence_of
from tests.faults.senders import JSON
from tests.reading import call, get_json


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the room there is but what deleting needs."""
    filler = folder / "filler"
    room = os.statvfs(folder)
    filler.write_bytes(bytes(room.f_bavail * room.f_frsize - (3 << 20)))
    return filler


def noise(number: int) -> AlertEvent:
    return AlertEvent(number, EventKind.ATTEMPT, detail={"body": os.urandom(3000).hex()})


async def test_a_full_disk_refuses_and_pruning_makes_room(small_disk: Path) -> None:
    store = open_store(small_disk / "alerts.db")
    telemetry = Telemetry()
    recorder = StoredRecorder(store, telemetry)
    store.put_alerts(alerts_of(1)).result(5)
    with pytest.raises(StorageFull, match="no space left"):  # noqa: PT012 - until it is
        for number in range(5000):
            store.append_events([noise(number)] * 10).result(5)
    with pytest.raises(StorageFull):
        store.put_alerts(alerts_of(2)).result(5)
    with pytest.raises(StorageFull):
        store.put_silences([silence_of(1)]).result(5)
    recorder.record(*map(noise, range(100)))
    await recorder.flush()
    assert b"appliance_alert_events_dropped_total 100.0" in telemetry.expose()
    store.delete_alerts([alerts_of(1)[0].fingerprint]).result(5)
    assert len(store.load_alerts()) == len(alerts_of(1)) - 1
    assert store.prune(0, max_bytes=1 << 20).items > 0
    store.put_alerts(alerts_of(2)).result(5)
    store.close()
    store = open_store(small_disk / "alerts.db")
    assert len(store.load_alerts()) == 2 * len(alerts_of(1)) - 2  # one is in both
    store.close()


async def test_a_disk_that_others_fill_refuses_until_there_is_room(small_disk: Path) -> None:
    store = open_store(small_disk / "alerts.db")
    store.put_alerts(alerts_of(1)).result(5)
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        store.put_alerts(alerts_of(2)).result(5)
    filler.unlink()
    store.put_alerts(alerts_of(2)).result(5)
    assert len(store.load_alerts()) == 7
    store.close()


def test_what_waits_for_a_slow_disk_is_bounded(tmp_path: Path) -> None:
    store = AlertStore(
        tmp_path / "alerts.db",
        database=DatabaseOptions(max_pending_bytes=50_000),
        clock=ManualClock(),
        telemetry=Telemetry(),
    )
    waiting: Future[None] = Future()
    blocked = store._database.write(lambda _: waiting.result(10))
    many = alerts_of(1) * 5
    with pytest.raises(Unavailable, match="waiting to be written"):  # noqa: PT012 - until it is
        for _ in range(10):
            store.put_alerts(many)
    waiting.set_result(None)
    blocked.result(10)
    store.close()


def damaged(path: Path) -> None:
    """Overwrite the first part of the table of alerts."""
    store = open_store(path)
    store.put_alerts(alerts_of(1)).result(5)
    store.close()
    data = bytearray(path.read_bytes())
    at = data.index(b'"n":"1"')
    page = at // 8192 * 8192
    data[page : page + 8192] = b"\xaa" * 8192
    path.write_bytes(data)


@pytest.mark.parametrize("is_large", [False, True])
def test_a_damaged_file_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_large: bool
) -> None:
    damaged(tmp_path / "alerts.db")
    if is_large:  # only what is needed from the start on is looked at
        monkeypatch.setattr("appliance.store.directory.CHECK_AT_START_BYTES", 1)
        monkeypatch.setattr("appliance.store.alerts.store.CHECK_AT_START_BYTES", 1)
    assert CHECK_AT_START_BYTES > 1 << 20
    directory = DataDirectory(tmp_path, ManualClock())
    store: AlertStore = directory.open("alerts", open_store)
    assert "alerts.db is damaged" in directory.damaged["alerts"]
    assert store.load_alerts() == []
    store.put_alerts(alerts_of(2)).result(5)
    store.close()
    directory.close()
    assert list(tmp_path.glob("alerts.db.damaged-*"))


def post_alert(server: Appliance, name: str) -> tuple[int, bytes]:
    body = json.dumps([{"labels": {"alertname": name}}]).encode()
    return call(server.urls["alertmanager"] + "/api/v2/alerts", body, headers=JSON)


def post_silence(server: Appliance) -> tuple[int, bytes]:
    now = dt.datetime.now(dt.UTC)
    matcher = {"name": "a", "value": "b", "isRegex": False, "isEqual": True}
    silence = {
        "matchers": [matcher],
        "startsAt": now.isoformat(),
        "endsAt": (now + dt.timedelta(hours=1)).isoformat(),
        "createdBy": "me",
        "comment": "why",
    }
    url = server.urls["alertmanager"] + "/api/v2/silences"
    return call(url, json.dumps(silence).encode(), headers=JSON)


def stored(server: Appliance) -> set[str]:
    found = get_json(server.urls["alertmanager"] + "/api/v2/alerts")
    return {one["labels"]["alertname"] for one in found}


def test_a_server_on_a_full_disk_says_so_and_recovers(small_disk: Path) -> None:
    with Appliance(small_disk / "data", only=["alertmanager"]) as server:
        assert post_alert(server, "before")[0] == 200
        filler = fill(small_disk)
        for status, text in (post_alert(server, "full"), post_silence(server)):
            assert status // 100 == 5
            assert b"no space left" in text
        assert get_json(server.urls["alertmanager"] + "/api/v2/silences") == []
        filler.unlink()
        assert post_alert(server, "after")[0] == 200
        assert post_silence(server)[0] == 200
        server.kill()
    with Appliance(small_disk / "data", only=["alertmanager"]) as server:
        assert stored(server) >= {"before", "after"}
        assert len(get_json(server.urls["alertmanager"] + "/api/v2/silences")) == 1


def test_a_server_with_a_damaged_file_goes_on_without_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    damaged(tmp_path / "data" / "alerts.db")
    with Appliance(tmp_path / "data", only=["alertmanager", "prometheus"]) as server:
        assert "alerts.db is damaged" in server.tail(100)
        assert stored(server) == set()
        assert post_alert(server, "new")[0] == 200
        assert stored(server) == {"new"}
        _, metrics = call(server.urls["prometheus"] + "/metrics")
        assert b'appliance_store_damaged_files{signal="alerts"} 1.0' in metrics
