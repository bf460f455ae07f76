"""`/config`: settings in use and where they come from, the files, and what a reload would change.

Invariant: texts come masked; nothing here shows a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.config.problem import Problem

#: Lines of a file, and findings, that a page shows.
MOST_LINES, MOST_PROBLEMS = 3_000, 100


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file of the configuration.

    Attributes:
        kind: Such as `Prometheus`.
        text: Masked; empty where it cannot be shown, `error` says why.
        changed_ms: When it was written last; None where it is not there.
    """

    kind: str
    path: str
    text: str
    error: str = ""
    changed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ConfigLook:
    """What was found at one time; values are texts by dotted name, secrets masked.

    Attributes:
        values, origins: In use; what has no origin is a default, or was found where it usually is.
        defaults, at_start: What they would be without any configuration, and were at the start.
        on_disk: What a reload would bring; None when it would be refused.
        problems: Of all files as they are on the disk.
        reloaded_ms: When the configuration in use was read.
        reload_error: Of the last reload, if that was refused.
    """

    file: str
    values: Mapping[str, str]
    origins: Mapping[str, str]
    defaults: Mapping[str, str]
    at_start: Mapping[str, str]
    on_disk: Mapping[str, str] | None
    problems: Sequence[Problem]
    files: Sequence[ConfigFile]
    started_ms: int
    reloaded_ms: int
    reload_error: str = ""


class Configuration(Protocol):
    """Who knows the configuration."""

    def look(self) -> ConfigLook:
        """Read everything; a plain call that opens files."""
        ...


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting.

    Attributes:
        origin: `default`, `found`, `command line`, `environment NAME` or `FILE:LINE`.
        anchor: The line on the page; empty where the origin is none.
    """

    name: str
    value: str
    default: str
    origin: str
    anchor: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class SectionRow:
    """Settings that begin with the same word; `set_count` of them are no defaults."""

    name: str
    settings: tuple[SettingRow, ...]
    set_count: int


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A setting that is not what it was, or will not be."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A finding."""

    severity: str
    place: str
    anchor: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it is shown.

    Attributes:
        id: Prefix of the anchors of its lines, which end in their numbers.
        is_newer: It was changed after it was read.
    """

    id: str
    kind: str
    path: str
    lines: tuple[str, ...]
    line_count: int
    error: str
    changed_ms: int | None
    is_newer: bool
    problems: int


@dataclass(frozen=True, slots=True)
class ConfigPage:
    """What the page shows.

    Attributes:
        since_start: What reloads have changed.
        pending: What the next reload would change; None when it would be refused.
    """

    look: ConfigLook
    sections: tuple[SectionRow, ...]
    since_start: tuple[DiffRow, ...]
    pending: tuple[DiffRow, ...] | None
    files: tuple[FileRow, ...]
    problems: tuple[ProblemRow, ...]
    problem_count: int
    set_count: int
    error_lines: tuple[ProblemRow, ...]


def config_page(look: ConfigLook) -> ConfigPage:
    """The page of a look."""
    ids = {file.path: file_id(number) for number, file in enumerate(look.files)}
    rows = [_setting(look, name, ids) for name in look.values]
    groups: dict[str, list[SettingRow]] = {}
    for row in rows:
        head, dot, _ = row.name.partition(".")
        groups.setdefault(head if dot else "general", []).append(row)
    problems = [_problem(one, ids) for one in look.problems[:MOST_PROBLEMS]]
    return ConfigPage(
        look=look,
        sections=tuple(
            SectionRow(name, tuple(found), sum(row.is_set for row in found))
            for name, found in groups.items()
        ),
        since_start=_differences(look.at_start, look.values),
        pending=None if look.on_disk is None else _differences(look.values, look.on_disk),
        files=tuple(_file(look, file, ids[file.path]) for file in look.files),
        problems=tuple(problems),
        problem_count=len(look.problems),
        set_count=sum(row.is_set for row in rows),
        error_lines=_error_lines(look.reload_error, ids),
    )


def file_id(number: int) -> str:
    """What anchors of a file's lines begin with."""
    return f"file{number}"


def _setting(look: ConfigLook, name: str, ids: Mapping[str, str]) -> SettingRow:
    value, default = look.values[name], look.defaults.get(name, "")
    origin = look.origins.get(name, "")
    is_set = bool(origin) or value != default
    shown = origin or ("found" if is_set else "default")
    return SettingRow(name, value, default, shown, _anchor(shown, ids), is_set)


def _anchor(place: str, ids: Mapping[str, str]) -> str:
    """The anchor of `FILE:LINE`, maybe with a column behind it."""
    found = re.fullmatch(r"(.*?):(\d+)(?::\d+)?", place)
    if found is None or found[1] not in ids:
        return ""
    return f"{ids[found[1]]}-{found[2]}" if int(found[2]) else ids[found[1]]


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[DiffRow, ...]:
    return tuple(
        DiffRow(name, before.get(name, ""), after.get(name, ""))
        for name in sorted(before.keys() | after.keys())
        if before.get(name, "") != after.get(name, "")
    )


def _file(look: ConfigLook, file: ConfigFile, name: str) -> FileRow:
    lines = file.text.splitlines()
    return FileRow(
        id=name,
        kind=file.kind,
        path=file.path,
        lines=tuple(lines[:MOST_LINES]),
        line_count=len(lines),
        error=file.error,
        changed_ms=file.changed_ms,
        is_newer=file.changed_ms is not None and file.changed_ms > look.reloaded_ms,
        problems=sum(problem.file == file.path for problem in look.problems),
    )


def _problem(problem: Problem, ids: Mapping[str, str]) -> ProblemRow:
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    return ProblemRow(
        severity=problem.severity.value,
        place=place,
        anchor=_anchor(place, ids) or ids.get(problem.file, ""),
        message=f"{problem.path}: {problem.message}" if problem.path else problem.message,
        hint=problem.hint,
    )


def _error_lines(text: str, ids: Mapping[str, str]) -> tuple[ProblemRow, ...]:
    """An error of a reload, line by line: findings with their places, else just text."""
    rows = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        found = re.match(r"(\S+:\d+:\d+): (.*)", line)
        place = found[1] if found else ""
        rows.append(
            ProblemRow("error", place, _anchor(place, ids), found[2] if found else line, "")
        )
    return tuple(rows)
