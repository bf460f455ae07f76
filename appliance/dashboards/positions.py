"""Where the parts of a JSON text stand: for findings that name a line and a column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.dashboards.model import Path

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_LONGEST_KEY = 200


def offsets_of(text: str, paths: Iterable[Path]) -> dict[Path, int]:
    """Offsets of parts of a JSON text, in characters.

    Args:
        text: JSON that can be parsed.
        paths: Keys and indexes from the top.

    Returns:
        Of each path that leads somewhere; of others that of the last part that is there.
    """
    wanted = set(paths)
    needed = {path[:length] for path in wanted for length in range(len(path) + 1)}
    found = _scan(text, needed)
    return {
        path: next(found[path[:n]] for n in range(len(path), -1, -1) if path[:n] in found)
        for path in wanted
        if () in found
    }


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both from 1."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _scan(text: str, needed: set[Path]) -> dict[Path, int]:
    """Offsets of the values at the paths that are needed."""
    found: dict[Path, int] = {}
    path: list[str | int] = []  # of the value that comes next
    is_list: list[bool] = []
    expects_key = False
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part == ",":
            expects_key = bool(is_list) and not is_list[-1]
            if not expects_key and path:
                path[-1] = int(path[-1]) + 1
        elif part == ":":
            expects_key = False
        elif part in "}]":
            is_list.pop()
            path.pop()
        elif expects_key:
            path[-1] = _key(part)
        else:
            at = tuple(path)
            if at in needed:
                found.setdefault(at, match.start())
            if part in "{[":
                is_list.append(part == "[")
                path.append(0 if part == "[" else "")
                expects_key = part == "{"
    return found


def _key(part: str) -> str:
    """The name in quotes; long and escaped ones are none of ours."""
    return part[1:-1] if len(part) <= _LONGEST_KEY else ""
