"""Room that is kept for upkeep."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from appliance.store.disk import KEPT_BYTES, DiskRoom

GB = 1 << 30


def set_disk(monkeypatch: pytest.MonkeyPatch, free: int, size: int) -> None:
    found = SimpleNamespace(f_bavail=free // 4096, f_blocks=size // 4096, f_frsize=4096)
    monkeypatch.setattr(os, "statvfs", lambda _: found)


@pytest.mark.parametrize(
    ("free", "size", "is_refused"),
    [
        (KEPT_BYTES, 100 * GB, False),
        (KEPT_BYTES - 4096, 100 * GB, True),
        (0, 100 * GB, True),
        (25 << 20, 100 << 20, False),  # of a small disk a quarter
        (24 << 20, 100 << 20, True),
        (0, 0, False),  # a file system that tells nothing
    ],
)
def test_the_last_room_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, size: int, *, is_refused: bool
) -> None:
    set_disk(monkeypatch, free, size)
    refusal = DiskRoom(tmp_path, "logs").refusal()
    assert (refusal is not None) is is_refused
    if refusal is not None:
        assert "no space left for the logs store" in str(refusal)


def test_a_change_is_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room = DiskRoom(tmp_path, "logs")
    for free in (GB, 0, 0, 0, GB, GB):
        set_disk(monkeypatch, free, 100 * GB)
        room.refusal()
    assert [record.getMessage() for record in caplog.records] == [
        "logs: no space left",
        "logs: there is space again",
    ]


def test_a_folder_that_is_gone_is_a_refusal(tmp_path: Path) -> None:
    """An error here would end the writer thread, and with it all that waits for it."""
    folder = tmp_path / "data"
    refusal = DiskRoom(folder, "logs").refusal()
    assert refusal is not None
    assert f"the logs store's folder {str(folder)!r} cannot be used: No such file" in str(refusal)
    folder.mkdir()
    assert DiskRoom(folder, "logs").refusal() is None
