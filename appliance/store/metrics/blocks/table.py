"""The tables of blocks and series sets: rows in, rows out, what is left of a set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.model.sample import is_absent
from appliance.store.metrics.blocks.block import encode_block

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.store.metrics.blocks.series_sets import SeriesSet

    #: Least and greatest time and number of blocks, by set.
    Ranges = dict[int, tuple[int | None, int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class NewBlock:
    """A block that is to be written.

    Attributes:
        min_ms, max_ms: Both included.
    """

    number: int
    item: SeriesSet
    min_ms: int
    max_ms: int
    samples: int
    data: bytes


def make_block(
    number: int,
    item: SeriesSet,
    times: NDArray[np.int64],
    *,
    values: NDArray[np.float64],
    histograms: Sequence[Histogram],
) -> NewBlock | None:
    """A block of a set: int64[column] times, float64[row, column] values with a row per series.

    Columns without samples are left out; None when there is nothing else.
    """
    present = ~is_absent(values)
    used = present.any(axis=0)
    if not used.any():
        return None
    if not used.all():
        times, values = times[used], values[:, used]
    data = encode_block(times, values, histograms)
    return NewBlock(number, item, int(times[0]), int(times[-1]), int(present.sum()), data)


def insert_sets(connection: sqlite3.Connection, sets: Iterable[SeriesSet]) -> None:
    """Add sets."""
    connection.executemany(
        "INSERT INTO series_set(id, tenant, refs) VALUES (?, ?, ?)",
        ((item.number, item.tenant, item.refs.tobytes()) for item in sets),
    )


def insert_blocks(connection: sqlite3.Connection, blocks: Iterable[NewBlock]) -> None:
    """Add blocks."""
    connection.executemany(
        "INSERT INTO block(id, tenant, series_set, min_ms, max_ms, series_count, sample_count,"
        " data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                block.number,
                block.item.tenant,
                block.item.number,
                block.min_ms,
                block.max_ms,
                len(block.item.refs),
                block.samples,
                block.data,
            )
            for block in blocks
        ),
    )


def delete_blocks(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Delete blocks; `settle_sets` has to follow."""
    connection.executemany("DELETE FROM block WHERE id=?", ((number,) for number in numbers))


def settle_sets(connection: sqlite3.Connection, numbers: Iterable[int]) -> Ranges:
    """What sets cover now; those without blocks are deleted."""
    sql = "SELECT min(min_ms), max(max_ms), count(*) FROM block WHERE series_set=?"
    left: Ranges = {number: connection.execute(sql, (number,)).fetchone() for number in numbers}
    empty = ((number,) for number, (_, _, count) in left.items() if not count)
    connection.executemany("DELETE FROM series_set WHERE id=?", empty)
    return left
