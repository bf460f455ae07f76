"""`| decolorize`: lines without the escape sequences of terminals (Loki 3, parser.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.re2 import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.logql.ast import Decolorize
    from appliance.logql.rows import Rows

#: An escape, a bracket, numbers with semicolons, a letter; or the two-byte form of both.
_SEQUENCE = (
    "[\u001b\u009b][[\\]()#;?]*"
    "(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\u0007)"
    "|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))"
)


def decolored(line: bytes, pattern: Pattern) -> bytes:
    """A line without escape sequences."""
    parts, at = [], 0
    for match in pattern.finditer(line):
        parts.append(line[at : match.start()])
        at = match.end()
    return b"".join([*parts, line[at:]])


def compile_decolorize(_stage: Decolorize) -> Callable[[Rows], Rows]:
    """The stage as a function of rows."""
    pattern = Pattern(_SEQUENCE)

    def run(rows: Rows) -> Rows:
        lines = rows.line_list()
        if not any(b"\x1b" in line or b"\xc2\x9b" in line for line in lines):
            return rows
        return rows.with_lines([decolored(line, pattern) for line in lines])

    return run
