"""Parses sealed chunks: which parser fits their lines, and what it finds in them.

That costs more than sealing does, so it comes after it, when there is time; chunks that are not
parsed (the process ended first, or a version before this one wrote them) are parsed by queries.
"""

from __future__ import annotations

import re
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from appliance.store.codec import Damaged
from appliance.store.failure import FileDamaged
from appliance.store.logs.chunks.block import decode_lines
from appliance.store.logs.chunks.fields import encode_fields

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from appliance.lines.column import Fields
    from appliance.model.log import PlainLines
    from appliance.store.database import Database

#: Chunks whose fields are written in one transaction.
_AT_ONCE = 8
#: Chunks of fewer lines are parsed as fast as columns are read.
_MIN_LINES = 100
#: Lines that are looked at, and how many of them must be of a kind.
_SAMPLE, _ENOUGH = 32, 24
_LOGFMT = re.compile(rb"[^\s=\"{}]+=(\"[^\"]*\"|\S*)\s+[^\s=\"{}]+=")


class FieldWriter:
    """Adds fields to chunks that have been sealed; several threads may do so at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[int] = deque()

    def add(self, chunks: Iterable[int]) -> None:
        """Chunks to parse when there is time."""
        self._waiting.extend(chunks)

    def run(self, is_busy: Callable[[], bool]) -> None:
        """Parse what waits until there is something better to do.

        Raises:
            Unavailable: The database cannot write.
        """
        while self._waiting and not is_busy():
            found: list[tuple[int, bytes, int]] = []
            while self._waiting and len(found) < _AT_ONCE and not is_busy():
                try:
                    number = self._waiting.popleft()
                except IndexError:  # another thread has taken it
                    break
                data = self._parse(number)
                if data is not None:
                    found.append((number, data, number))
            if found:
                self._database.write(partial(_insert, rows=found)).result()

    def _parse(self, number: int) -> bytes | None:
        sql = "SELECT entries, stored_bytes, lengths, text FROM chunk WHERE id=?"
        try:
            with self._database.reader() as connection:
                row = connection.execute(sql, (number,)).fetchone()
            if row is None:
                return None
            entries, stored_bytes, lengths, text = row
            return parse_fields(decode_lines(lengths, text, entries), stored_bytes)
        except (Damaged, FileDamaged):
            return None  # told when a query reads it


def _insert(connection: sqlite3.Connection, rows: list[tuple[int, bytes, int]]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO chunk_fields(chunk, data)"
        " SELECT ?, ? WHERE EXISTS (SELECT 1 FROM chunk WHERE id=?)",
        rows,
    )


def parse_fields(lines: PlainLines, chunk_bytes: int) -> bytes | None:
    """What is to be stored beside lines, see `fields.py`; None when they are not structured.

    Args:
        chunk_bytes: What the chunk takes without it.
    """
    if len(lines) < _MIN_LINES:
        return None
    rows = np.linspace(0, len(lines) - 1, _SAMPLE).astype(np.int64).tolist()
    sample = [lines[row] for row in rows]
    if sum(line.startswith(b"{") and line.endswith(b"}") for line in sample) >= _ENOUGH:
        parser, found = "json", _parse_json(lines)
    elif sum(_LOGFMT.match(line) is not None for line in sample) >= _ENOUGH:
        parser, found = "logfmt", _parse_logfmt(lines)
    else:
        return None
    return encode_fields(parser, found, count=len(lines), chunk_bytes=chunk_bytes)


def _parse_json(lines: PlainLines) -> Fields:
    from appliance.lines.json_fields import json_fields  # noqa: PLC0415 - not for plain text

    return json_fields(lines.text, lines.offsets)


def _parse_logfmt(lines: PlainLines) -> Fields:
    from appliance.lines.logfmt_fields import logfmt_fields  # noqa: PLC0415 - not for plain text

    return logfmt_fields(lines.text, lines.offsets)
