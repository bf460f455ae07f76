"""What is known of positions at the start."""

from __future__ import annotations

from appliance.ingest.tail.files.mark import FileMark, mark_name, mark_prefix
from appliance.ingest.tail.saved import imported_mark, saved_positions

OWN = FileMark("/a.log", 1, 2, 30)
ORPHAN = FileMark("/b.log", 1, 3, 40)
POSITIONS = {"/a.log": "5", "/c.log": "6", "cursor-j": "s=1"}
MARKS = {
    mark_name("app", OWN.identity): OWN.encode(),
    mark_name("gone", ORPHAN.identity): ORPHAN.encode(),
    "tail/app/docker/abc": "17 3",
}


def test_own_marks_orphans_and_promtails_positions() -> None:
    saved = saved_positions(MARKS, {"app"}, "p.yaml", lambda: POSITIONS)
    assert saved.of_files(mark_prefix("app")) == {mark_name("app", (1, 2)): OWN}
    assert saved.adopted == {(1, 3): ORPHAN, "/c.log": FileMark("/c.log", 0, 0, 6)}
    assert saved.position("tail/app/docker/abc", "abc") == "17 3"
    assert saved.position("tail/app/journal", "j") == "s=1"
    assert saved.position("tail/app/journal", "k") == ""


def test_positions_are_read_once() -> None:
    marks = {**MARKS, imported_mark("p.yaml"): "1"}
    saved = saved_positions(marks, {"app"}, "p.yaml", lambda: POSITIONS)
    assert saved.positions == {}
    assert saved.adopted == {(1, 3): ORPHAN}
