"""Targets listed in files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from appliance.ingest.discovery.file import FileDiscovery

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.ingest.discovery.static import TargetGroup


def addresses(groups: list[TargetGroup]) -> list[str]:
    return [target["__address__"] for group in groups for target in group.targets]


def write(path: Path, text: str, seconds: int) -> None:
    path.write_text(text)
    os.utime(path, (seconds, seconds))


def test_json_and_yaml_files_give_groups_with_their_origin(tmp_path: Path) -> None:
    write(tmp_path / "a.json", '[{"targets": ["a:1", "b:2"], "labels": {"env": "x"}}]', 1)
    write(tmp_path / "b.yml", "- targets: [c]\n", 1)
    write(tmp_path / "ignored.txt", "- targets: [d]\n", 1)
    groups = FileDiscovery(["*.json", "b.yml", "none.yml"], tmp_path).groups()
    assert addresses(groups) == ["a:1", "b:2", "c"]
    assert groups[0].labels == {"env": "x", "__meta_filepath": str(tmp_path / "a.json")}
    assert groups[0].source != groups[1].source


def test_changes_are_seen_and_broken_files_keep_what_they_said(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write(path, '[{"targets": ["a:1"]}]', 1)
    discovery = FileDiscovery(["a.json"], tmp_path)
    assert addresses(discovery.groups()) == ["a:1"]
    write(path, '[{"targets": ["a:2"]}]', 2)
    assert addresses(discovery.groups()) == ["a:2"]
    write(path, '[{"targets": ["a:3"', 3)
    assert addresses(discovery.groups()) == ["a:2"]
    assert addresses(discovery.groups()) == ["a:2"]
    write(path, "", 4)
    assert addresses(discovery.groups()) == []
    write(path, '[{"targets": ["a:4"]}]', 5)
    assert addresses(discovery.groups()) == ["a:4"]
    path.unlink()
    assert addresses(discovery.groups()) == []
