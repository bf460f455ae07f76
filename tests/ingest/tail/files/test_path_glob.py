"""Patterns of paths, as promtail's library matches them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from appliance.ingest.tail.files.path_glob import braces, expand, fixed_folder, matches

FILES = ("a.log", "b.log", ".hidden.log", "sub/c.log", "sub/deep/d.log", "x[1].log", "e.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.log", [".hidden.log", "a.log", "b.log", "x[1].log"]),
        ("a.log", ["a.log"]),
        ("?.log", ["a.log", "b.log"]),
        ("[ab].log", ["a.log", "b.log"]),
        ("[^a].log", ["b.log"]),
        ("{a,e}.{log,txt}", ["a.log", "e.txt"]),
        ("**/*.log", [".hidden.log", "a.log", "b.log", "sub/c.log", "sub/deep/d.log", "x[1].log"]),
        ("sub/**/d.log", ["sub/deep/d.log"]),
        ("**/deep/*", ["sub/deep/d.log"]),
        ("x[1].log", ["x[1].log"]),
        (r"x\[1\].log", ["x[1].log"]),
        ("sub", []),
        ("nothing*", []),
    ],
)
def test_a_pattern_finds_files_and_matches_their_names(
    folder: Path, pattern: str, names: list[str]
) -> None:
    expected = sorted(str(folder / name) for name in names)
    assert expand(f"{folder}/{pattern}") == expected
    if pattern != "x[1].log":  # a name that exists is taken as it is; as a pattern it is none
        assert all(matches(f"{folder}/{pattern}", name) for name in expected)
        others = [str(folder / name) for name in FILES if name not in names]
        assert not any(matches(f"{folder}/{pattern}", name) for name in others)


def test_nothing_is_excluded_by_an_empty_pattern() -> None:
    assert not matches("", "/var/log/a.log")


def test_nested_braces() -> None:
    assert braces("a{b,c{d,e}}f") == ("abf", "acdf", "acef")
    assert braces("no{thing") == ("no{thing",)


def test_relative_patterns_give_absolute_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert expand("a.*") == [str(folder / "a.log")]


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [("/var/log/*.log", "/var/log"), ("/*.log", "/"), ("x*", "."), ("/a/{b,c}/d", "/a")],
)
def test_the_folder_before_the_first_open_part(pattern: str, folder: str) -> None:
    assert fixed_folder(pattern) == folder


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/logs/[z-a].log", False),
        ("/logs/[[a].log", True),
        ("/logs/[a&&b|~].log", True),
        ("/logs/[^[b].log", True),
    ],
)
def test_sets_that_python_reads_otherwise(pattern: str, *, expected: bool) -> None:
    assert matches(pattern, "/logs/a.log") is expected


def test_folders_in_folders_are_gone_through_once(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(12):
        for other in "abc":
            (folder / other).mkdir()
        folder /= "a"
    (folder / "x.log").touch()
    began = time.process_time()
    assert expand(f"{tmp_path}/**/**/**/**/*.log") == [str(folder / "x.log")]
    assert time.process_time() - began < 0.5
