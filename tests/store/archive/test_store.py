"""The archive of traces."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import Unavailable
from appliance.base.telemetry import Telemetry
from appliance.store.archive.store import ArchiveFile, TraceArchive
from appliance.store.database import DatabaseOptions
from tests.spans import PlainSpan

ID = bytes(15) + b"\1"
SPANS = [PlainSpan(1, 1).stored(), PlainSpan(1, 2, parent=1).stored()]


def make_archive(path: Path) -> TraceArchive:
    return TraceArchive(
        path,
        lambda: ArchiveFile(path, database=DatabaseOptions(), telemetry=Telemetry()),
        ManualClock(),
    )


def test_what_is_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    archive = make_archive(path)
    archive.keep("a", ID, SPANS).result(5)
    assert archive.kept("a", ID) == SPANS
    archive.close()
    again = make_archive(path)
    assert again.kept("a", ID) == SPANS
    assert again.kept("b", ID) == again.kept("a", bytes(16)) == []
    again.keep("a", ID, SPANS[:1]).result(5)
    assert again.kept("a", ID) == SPANS[:1]
    again.close()


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    assert archive.kept("a", ID) == []
    archive.close()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_trace_is_told(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    file = ArchiveFile(path, database=DatabaseOptions(), telemetry=Telemetry())
    file.put("a", ID, b"nonsense", 0).result(5)
    archive = TraceArchive(path, lambda: file, ManualClock())
    with pytest.raises(Unavailable, match=r"archived trace 0+1 cannot be read"):
        archive.kept("a", ID)
    archive.close()


def test_what_is_closed_stays_closed(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    archive.keep("a", ID, SPANS).result(5)
    archive.close()
    with pytest.raises(Unavailable, match="stopping"):
        archive.kept("a", ID)
    with pytest.raises(Unavailable, match="stopping"):
        archive.keep("a", ID, SPANS)
