"""Alerts that several files define are told, with what differs."""

from __future__ import annotations

from pathlib import Path

from appliance.packs.overlaps import find_overlaps


def rules(path: Path, *alerts: tuple[str, str]) -> Path:
    lines = "".join(f"  - alert: {name}\n    expr: {expr}\n" for name, expr in alerts)
    path.write_text(f"groups:\n- name: g\n  rules:\n{lines}")
    return path


def messages(*files: Path) -> list[tuple[str, int, str]]:
    return [(Path(p.file).name, p.line, p.message) for p in find_overlaps(files)]


def test_another_threshold_is_named(tmp_path: Path) -> None:
    first = rules(tmp_path / "a.yml", ("Fine", "up == 0"), ("Errors", "a / b > 0.05"))
    second = rules(tmp_path / "b.yml", ("Errors", "a / b > 0.01"))
    message = f"alert 'Errors' is also in {first}:6, with another threshold: 0.05 there, 0.01 here"
    assert messages(first, second) == [("b.yml", 4, message)]


def test_another_condition_is_shown(tmp_path: Path) -> None:
    first = rules(tmp_path / "a.yml", ("Errors", "rate(a[5m]) > 1"))
    second = rules(tmp_path / "b.yml", ("Errors", "rate(a[2m]) > 1"))
    ((_, _, message),) = messages(first, second)
    assert message.endswith("with another condition: `rate(a[5m]) > 1`")


def test_the_same_condition_is_told_as_such(tmp_path: Path) -> None:
    first = rules(tmp_path / "a.yml", ("Errors", "sum(a)   > 1"))
    second = rules(tmp_path / "b.yml", ("Errors", "sum (a) > 1"))
    ((_, _, message),) = messages(first, second)
    assert message.endswith("with the same condition")


def test_steps_of_severity_in_one_file_are_no_overlap(tmp_path: Path) -> None:
    file = rules(tmp_path / "a.yml", ("Errors", "a > 1"), ("Errors", "a > 5"))
    assert messages(file, file) == []


def test_broken_files_are_passed_over(tmp_path: Path) -> None:
    broken = rules(tmp_path / "a.yml", ("Errors", "a >"))
    assert messages(broken, tmp_path / "none.yml", rules(tmp_path / "b.yml", ("Errors", "a"))) == []
