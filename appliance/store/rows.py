"""Many rows with few statements.

`executemany` gives up the interpreter's lock and takes it again for every row. While others compute
it waits for it each time, up to milliseconds; a statement with hundreds of rows waits once.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

#: Rows of a statement, and of one for what is left; with ten columns far from SQLite's 32,766
#: parameters.
_MOST, _SOME = 512, 32


def insert_rows(
    connection: sqlite3.Connection,
    head: str,
    rows: Iterable[Sequence[Any]],
    *,
    columns: int,
    tail: str = "",
) -> None:
    """Insert rows.

    Args:
        head: `INSERT INTO … VALUES`.
        columns: Values of a row.
        tail: What follows the values, such as `ON CONFLICT …`.
    """
    one = f"({', '.join('?' * columns)})"
    left = list(rows)
    for size in (_MOST, _SOME):
        statement = f"{head} {', '.join([one] * size)} {tail}"
        whole = len(left) - len(left) % size
        for at in range(0, whole, size):
            connection.execute(statement, tuple(chain.from_iterable(left[at : at + size])))
        left = left[whole:]
    connection.executemany(f"{head} {one} {tail}", left)
