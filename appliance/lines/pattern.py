"""Patterns of text with holes, `<method> <_> HTTP/<version>` (Loki 3, pkg/logql/log/pattern).

A hole takes as little as possible; nothing is tried twice.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

_HOLE = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>")
_UNNAMED = "_"


@dataclass(frozen=True, slots=True)
class Hole:
    """A part of the line that may be anything; `_` is not looked at."""

    name: str


Part = bytes | Hole


@dataclass(frozen=True, slots=True)
class LinePattern:
    """A pattern that has been read.

    Attributes:
        parts: Texts and holes; no two holes are neighbours.
    """

    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the holes that have one, in order."""
        holes = (part.name for part in self.parts if isinstance(part, Hole))
        return tuple(name for name in holes if name != _UNNAMED)

    @property
    def texts(self) -> tuple[bytes, ...]:
        """The texts, in order; every line that fits contains them."""
        return tuple(_texts(self.parts))

    def fits(self, line: bytes) -> bool:
        """Whether a line filter with this pattern accepts a line.

        No hole may stay empty, and nothing may follow the last text; what comes before the first
        text is not looked at.
        """
        if not line or not self.parts:
            return not line and not self.parts
        at = 0
        for number, part in enumerate(self.parts):
            if isinstance(part, Hole):
                continue
            found = line.find(part, at)
            if found < 0 or (number and found == at):
                return False
            at = found + len(part)
        return isinstance(self.parts[-1], Hole) == (at < len(line))

    def capturing(
        self, chosen: Collection[str] | None = None
    ) -> Callable[[bytes], Sequence[bytes]]:
        """What takes values out of lines: those of the chosen holes in their order.

        They are fewer when the line does not fit to its end; a hole whose text does not follow
        takes the rest.

        Args:
            chosen: Names of holes; None means all that have one.
        """
        head = self.parts[0] if isinstance(self.parts[0], bytes) else b""
        steps = list(_steps(self.parts, frozenset(self.names if chosen is None else chosen)))

        def captures(line: bytes) -> Sequence[bytes]:
            if not line or not line.startswith(head):
                return ()
            found: list[bytes] = []
            at, find = len(head), line.find
            for is_chosen, text, size in steps:
                end = find(text, at) if size else -1
                if end < 0:
                    if is_chosen:
                        found.append(line[at:])
                    break
                if is_chosen:
                    found.append(line[at:end])
                at = end + size
            return found

        return captures


def _steps(parts: Sequence[Part], chosen: frozenset[str]) -> Iterator[tuple[bool, bytes, int]]:
    """For each hole whether it is chosen, and the text behind it; none is the line's end."""
    for number, part in enumerate(parts):
        if isinstance(part, Hole):
            text = b"".join(_texts(parts[number + 1 : number + 2]))
            yield part.name in chosen, text, len(text)


def parse_pattern(text: str) -> LinePattern:
    """The pattern of a parser: it has names, each once.

    Raises:
        BadInput: In Loki's words.
    """
    pattern = LinePattern(_parts(text))
    names = pattern.names
    if not names:
        raise BadInput("at least one capture is required")
    _refuse_neighbours(pattern.parts)
    for number, name in enumerate(names):
        if name in names[:number]:
            raise BadInput(f"duplicate capture name ({name}): invalid expression")
    return pattern


def parse_line_pattern(text: str) -> LinePattern:
    """The pattern of a line filter: its holes have no names.

    Raises:
        BadInput: In Loki's words.
    """
    pattern = LinePattern(_parts(text))
    _refuse_neighbours(pattern.parts)
    if pattern.names:
        raise BadInput(f"named captures are not allowed: found '<{pattern.names[0]}>'")
    return pattern


def _parts(text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    for match in _HOLE.finditer(text):
        if match.start() > at:
            parts.append(text[at : match.start()].encode())
        parts.append(Hole(match[1]))
        at = match.end()
    if at < len(text):
        parts.append(text[at:].encode())
    return tuple(parts)


def _texts(parts: Sequence[Part]) -> Iterator[bytes]:
    return (part for part in parts if isinstance(part, bytes))


def _refuse_neighbours(parts: Sequence[Part]) -> None:
    for one, other in itertools.pairwise(parts):
        if isinstance(one, Hole) and isinstance(other, Hole):
            shown = f"<{one.name}><{other.name}>"
            raise BadInput(f"found consecutive capture '{shown}': invalid expression")
