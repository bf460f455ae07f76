"""Values at paths of one JSON line, found as Loki finds them (grafana/jsonparser, `EachKey`).

What a path names first counts. A line need not be valid: values before a break are found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.lines.json_line import (
    STRING_REST,
    UNKNOWN_VALUE,
    BrokenLineError,
    after_blanks,
    block_end,
    string_text,
    unescaped,
)
from appliance.lines.label_name import decoded

if TYPE_CHECKING:
    from collections.abc import Sequence

    Path = tuple[str | int, ...]

_MARK = re.compile(rb'["{}\[\]]')
_TOKEN = re.compile(rb"[^ \n\r\t,}\]]*+")
_QUOTE, _OPEN, _CLOSE, _ARRAY, _ARRAY_END, _COLON, _COMMA = b'"{}[]:,'
_LITERALS = frozenset([b"true", b"false", b"null"])
_NUMBER_STARTS = frozenset(b"0123456789-")


def path_values(line: bytes, paths: Sequence[Path]) -> dict[int, str]:
    """Label values by the index of their path; null is empty, objects and arrays are text.

    Raises:
        BrokenLineError: A value that is named cannot be read.
    """
    found: dict[int, str] = {}
    _search(line, 0, len(line), list(enumerate(paths)), found)
    return found


def _search(
    line: bytes, at: int, end: int, paths: Sequence[tuple[int, Path]], found: dict[int, str]
) -> None:
    """Look for paths in the value that begins at a place."""
    at = after_blanks(line, at, end)
    if at < 0:
        return
    if line[at] == _OPEN:
        _search_object(line, at + 1, end, paths, found)
    elif line[at] == _ARRAY:
        _search_array(line, at + 1, end, paths, found)


def _search_object(
    line: bytes, at: int, end: int, paths: Sequence[tuple[int, Path]], found: dict[int, str]
) -> None:
    """Look for paths in an object; `at` is behind its bracket."""
    while (mark := _MARK.search(line, at, end)) is not None:
        byte, at = line[mark.start()], mark.end()
        if byte in {_CLOSE, _ARRAY_END}:
            return
        if byte != _QUOTE:
            stop = block_end(line, mark.start(), end)
            if stop < 0:
                return
            at = stop
            continue
        string = STRING_REST.match(line, at, end)
        if string is None:
            return
        key, at = unescaped(line[at : string.end() - 1]), string.end()
        colon = after_blanks(line, at, end)
        if key is None or colon < 0:
            return
        if line[colon] != _COLON:
            continue
        at = _take(line, colon + 1, end, _below(decoded(key), paths, found), found)
        if at < 0:
            return


def _search_array(
    line: bytes, at: int, end: int, paths: Sequence[tuple[int, Path]], found: dict[int, str]
) -> None:
    """Look for paths in an array; `at` is behind its bracket."""
    number = 0
    while True:
        at = after_blanks(line, at, end)
        if at < 0 or line[at] == _ARRAY_END:
            return
        stop = _take(line, at, end, _below(number, paths, found), found)
        at = after_blanks(line, stop, end) if stop >= 0 else -1
        if at < 0 or line[at] != _COMMA:
            return
        at, number = at + 1, number + 1


def _below(
    step: str | int, paths: Sequence[tuple[int, Path]], found: dict[int, str]
) -> list[tuple[int, Path]]:
    """What is left of the paths that go on with a step, less those that were found."""
    return [(n, path[1:]) for n, path in paths if path and path[0] == step and n not in found]


def _take(
    line: bytes, at: int, end: int, paths: Sequence[tuple[int, Path]], found: dict[int, str]
) -> int:
    """Note the value at a place, or look into it; where it ends, -1 when it does not."""
    at = after_blanks(line, at, end)
    if at < 0:
        return -1
    stop = _value_end(line, at, end)
    named = [number for number, path in paths if not path]
    if named:
        if stop < 0:
            raise BrokenLineError(UNKNOWN_VALUE)
        text = _text(line[at:stop])
        found.update(dict.fromkeys(named, text))
    deeper = [(number, path) for number, path in paths if path]
    if deeper:
        _search(line, at, end if stop < 0 else stop, deeper, found)
    return stop


def _value_end(line: bytes, at: int, end: int) -> int:
    if line[at] in {_OPEN, _ARRAY}:
        return block_end(line, at, end)
    if line[at] == _QUOTE:
        string = STRING_REST.match(line, at + 1, end)
        return string.end() if string else -1
    match = _TOKEN.match(line, at, end)
    token = match[0] if match else b""
    if token in _LITERALS or line[at] in _NUMBER_STARTS:
        return at + len(token)
    return -1


def _text(value: bytes) -> str:
    """The label value of a value as it is written."""
    if value == b"null":
        return ""
    if value.startswith(b'"'):
        return string_text(value[1:-1])
    if value.startswith(b"{"):
        return decoded(value)
    return string_text(value)
