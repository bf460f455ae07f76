"""Dashboards of all places, by uid; each file for itself."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput, Conflict, NotFound
from appliance.dashboards.library import library as module
from appliance.dashboards.library.library import DashboardLibrary
from appliance.dashboards.library.places import Places, Shelf, find_files
from tests.dashboards.building import of_query


def write(path: Path, title: str = "T", **more: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps({**of_query("up"), "title": title, "uid": path.stem, **more}))
    return path


class Setting:
    """A library over a folder, on a clock that is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.places = Places((str(folder / "named/**/*.json"),), own=folder / "own")
        self.library = DashboardLibrary(lambda: self.places, self.clock)

    async def later(self) -> None:
        await self.clock.advance(2.0)

    def uids(self) -> list[str]:
        return [entry.uid for entry in self.library.listing().entries]

    def messages(self) -> list[str]:
        return [problem.message for problem in self.library.listing().problems]


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    write(tmp_path / "named" / "b.json", "B")
    write(tmp_path / "named" / "team" / "a.json", "A", tags=["x"])
    return Setting(tmp_path)


def test_folders_titles_and_tags(setting: Setting) -> None:
    first, second = setting.library.listing().entries
    assert (first.uid, first.folder, first.title) == ("b", "", "B")
    assert (second.uid, second.folder, second.tags) == ("a", "team", ("x",))
    assert first.problems == {"error": 0, "warning": 0, "info": 0}
    assert first.as_json()["url"] == "/d/b"
    assert not first.removable


async def test_files_are_looked_at_again_after_two_seconds(setting: Setting) -> None:
    assert setting.uids() == ["b", "a"]
    path = write(setting.folder / "named" / "c.json", "C")
    (setting.folder / "named" / "b.json").unlink()
    assert setting.uids() == ["b", "a"]
    await setting.later()
    assert setting.uids() == ["c", "a"]
    write(path, "Changed", uid="d")
    await setting.later()
    assert setting.uids() == ["d", "a"]
    assert setting.library.get("d").dashboard.title == "Changed"


async def test_a_changed_file_is_judged_again(setting: Setting) -> None:
    assert setting.library.get("b").findings == ()
    write(setting.folder / "named" / "b.json", "B", panels=[{"type": "geomap"}])
    await setting.later()
    (entry,) = (one for one in setting.library.listing().entries if one.uid == "b")
    assert entry.problems == {"error": 1, "warning": 0, "info": 0}
    assert [one.code for one in setting.library.get("b").findings] == ["panel-type"]


async def test_a_file_is_read_once_as_long_as_it_stays(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting.uids()

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(module, "read_head", refuse)
    monkeypatch.setattr(module, "read_whole", refuse)
    await setting.later()
    assert setting.uids() == ["b", "a"]
    assert setting.library.get("a").dashboard.title == "A"


def test_broken_files_hinder_no_others(setting: Setting) -> None:
    (setting.folder / "named" / "broken.json").write_text('{"a":\n  1,]}')
    (setting.folder / "named" / "no.json").write_text("{}")
    (setting.folder / "named" / "big.json").write_bytes(b" " * ((5 << 20) + 1))
    (setting.folder / "named" / "gone.json").symlink_to(setting.folder / "nowhere")
    assert setting.uids() == ["b", "a"]
    problems = {Path(one.file).name: one for one in setting.library.listing().problems}
    assert sorted(problems) == ["big.json", "broken.json", "no.json"]
    assert (problems["broken.json"].line, problems["broken.json"].column) == (2, 5)


def test_the_first_of_a_uid_counts(setting: Setting) -> None:
    write(setting.folder / "named" / "c.json", "Other", uid="a")
    listing = setting.library.listing()
    assert len(listing.entries) == 2
    (problem,) = listing.problems
    assert (problem.code, Path(problem.file).name) == ("duplicate-uid", "a.json")
    assert setting.library.get("a").dashboard.title == "Other"


def test_shipped_ones_give_way_in_silence(setting: Setting) -> None:
    shelf = setting.folder / "shelf"
    write(shelf / "a.json", "Shipped A")
    write(shelf / "s.json", "Shipped S")
    setting.places = replace(setting.places, shelves=(Shelf(shelf, "Appliance"),))
    listing = setting.library.listing()
    assert {entry.title: entry.folder for entry in listing.entries} == {
        "B": "", "A": "team", "Shipped S": "Appliance",
    }  # fmt: skip
    assert listing.problems == ()


def test_names_of_a_site_are_put_into_files_of_a_pack(setting: Setting) -> None:
    shelf = setting.folder / "shelf"
    write(shelf / "s.json", "about metric_a")
    change = Shelf(shelf, "Pack", lambda text: text.replace("metric_a", "metric_b"))
    setting.places = replace(setting.places, shelves=(change,))
    assert setting.library.get("s").dashboard.title == "about metric_b"


def test_counts_take_bounded_time(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_JUDGING_SECONDS", -1.0)
    assert [entry.problems for entry in setting.library.listing().entries] == [None, None]
    setting.library.get("a")
    known = [entry.problems is not None for entry in setting.library.listing().entries]
    assert known == [False, True]


def test_patterns_that_match_nothing_are_told(tmp_path: Path) -> None:
    pattern = str(tmp_path / "*.json")
    (problem,) = find_files(Places((pattern,))).problems
    assert (problem.code, pattern in problem.message) == ("reference", True)


def test_too_many_files_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.dashboards.library.places.MOST_FILES", 3)
    for index in range(5):
        write(tmp_path / f"{index}.json")
    found = find_files(Places((str(tmp_path / "*.json"),)))
    assert len(found.origins) == 3
    assert [problem.code for problem in found.problems] == ["too-many"]


# -- dashboards that people put here


def kept(setting: Setting) -> list[str]:
    return sorted(path.name for path in (setting.folder / "own").iterdir())


def body(uid: str, title: str = "Mine") -> bytes:
    return orjson.dumps({"dashboard": {"title": title, "uid": uid, "panels": []}})


def test_dashboards_are_put_replaced_and_removed(setting: Setting) -> None:
    entry = setting.library.put(body("mine"))
    assert (entry.uid, entry.folder, entry.removable) == ("mine", "Imported", True)
    assert kept(setting) == ["mine.json"]
    with pytest.raises(Conflict, match="overwrite"):
        setting.library.put(body("mine", "Again"))
    assert setting.library.put(body("mine", "Again"), overwrite=True).title == "Again"
    assert setting.library.get("mine").data == body("mine", "Again")
    setting.library.remove("mine")
    with pytest.raises(NotFound):
        setting.library.get("mine")
    with pytest.raises(NotFound):
        setting.library.remove("mine")
    assert kept(setting) == []


def test_uids_are_made_and_never_lead_elsewhere(setting: Setting) -> None:
    assert setting.library.put(orjson.dumps({"title": "My own", "panels": []})).uid == "my-own"
    assert setting.library.put(body("../../etc/passwd")).uid == "etc-passwd"
    assert kept(setting) == ["etc-passwd.json", "my-own.json"]


def test_files_of_the_configuration_are_not_replaced(setting: Setting) -> None:
    with pytest.raises(Conflict, match=r"a\.json"):
        setting.library.put(body("a"), overwrite=True)
    with pytest.raises(Conflict, match="delete that file"):
        setting.library.remove("a")
    with pytest.raises(BadInput):
        setting.library.put(b"{}")
    assert not (setting.folder / "own").exists()


def test_shipped_ones_can_be_replaced_but_not_removed(setting: Setting) -> None:
    write(setting.folder / "shelf" / "s.json", "Shipped")
    setting.places = replace(setting.places, shelves=(Shelf(setting.folder / "shelf", "X"),))
    with pytest.raises(Conflict, match="with the product"):
        setting.library.remove("s")
    assert setting.library.put(body("s", "Mine")).title == "Mine"
    setting.library.remove("s")
    assert setting.library.get("s").dashboard.title == "Shipped"


def test_there_is_an_end_to_what_is_kept(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    from appliance.base.errors import LimitExceeded

    monkeypatch.setattr("appliance.dashboards.library.kept.MOST_KEPT", 1)
    setting.library.put(body("one"))
    with pytest.raises(LimitExceeded):
        setting.library.put(body("two"))
    assert setting.library.put(body("one", "New"), overwrite=True).title == "New"


def test_a_disk_that_takes_nothing(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    from appliance.base.errors import StorageFull

    setting.library.put(body("mine"))

    def refuse(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageFull, match="no space"):
        setting.library.put(body("mine", "New"), overwrite=True)
    assert kept(setting) == ["mine.json"]
    assert setting.library.get("mine").dashboard.title == "Mine"


def test_several_threads_may_ask(setting: Setting) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(5):
                setting.library.put(body(f"d{number}"), overwrite=True)
                setting.library.listing()
                setting.library.get("a")
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert setting.uids().count("d0") == 1
