from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from appliance.ui.assets import STATIC, Assets


def build(folder: Path, name: str) -> None:
    (folder / name).write_text("code")
    (folder / "manifest.json").write_text(json.dumps({"files": {"main.js": name}}))


def test_names_lead_to_hashed_files(tmp_path: Path) -> None:
    build(tmp_path, "main-ABC.js")
    assets = Assets(tmp_path)
    assert assets.url("main.js") == "/static/main-ABC.js"
    assert assets.url("other.js") == ""
    assert assets.open("main-ABC.js") == (b"code", "text/javascript; charset=utf-8", True)


def test_a_build_is_found_while_running(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    assert not assets.is_built
    assert assets.url("main.js") == ""
    build(tmp_path, "main-ABC.js")
    assert assets.url("main.js") == "/static/main-ABC.js"
    build(tmp_path, "main-DEF.js")
    os.utime(tmp_path / "manifest.json", ns=(1, 1))
    assert assets.url("main.js") == "/static/main-DEF.js"


def test_only_known_kinds_inside_the_folder_are_served(tmp_path: Path) -> None:
    folder = tmp_path / "static"
    folder.mkdir()
    build(folder, "main-ABC.js")
    (tmp_path / "secret.js").write_text("secret")
    (folder / ".sources.sha256").write_text("x")
    for name in ("../secret.js", ".sources.sha256", "manifest.json", "nothing.js", "", ".."):
        assert Assets(folder).open(name) is None, name


def test_licences_may_change_under_their_name(tmp_path: Path) -> None:
    (tmp_path / "THIRD_PARTY.txt").write_text("text")
    assert Assets(tmp_path).open("THIRD_PARTY.txt") == (b"text", "text/plain; charset=utf-8", False)


@pytest.mark.skipif(not Assets().is_built, reason="the front end is not built")
def test_the_first_load_stays_small() -> None:
    assets = Assets()
    names = [assets.url(name).rpartition("/")[2] for name in ("main.js", "style.css", "theme.js")]
    packed = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names)
    everything = sum(len(gzip.compress(path.read_bytes())) for path in STATIC.iterdir())
    assert packed < 40_000
    assert everything < 400_000
