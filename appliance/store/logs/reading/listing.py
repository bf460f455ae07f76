"""Pieces of a selection, head and chunks as they are at one instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.store.logs.reading.piece import ChunkPiece, ChunkPlace, HeadPiece

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from appliance.store.logs.reading.piece import Piece, Shelf

#: Up to so many streams the chunk table is asked stream by stream, else by time.
_BY_STREAM = 100


def list_pieces(
    shelf: Shelf, tenant: int, streams: NDArray[np.int64], span: tuple[int, int]
) -> list[Piece]:
    """Pieces of some streams that overlap [first, last], in the order they arrived by stream."""
    if not len(streams):
        return []
    with shelf.database.snapshot(lambda: shelf.head.snapshot(streams)) as (connection, head):
        places = sorted(_places(connection, tenant, streams, span))
    pieces: list[Piece] = [ChunkPiece(shelf, place) for place in places]
    for stream, groups in head:
        pieces += [HeadPiece(shelf.head, stream, parts) for parts in groups]
    return [one for one in pieces if one.max_ns >= span[0] and one.min_ns <= span[1]]


def _places(
    connection: sqlite3.Connection,
    tenant: int,
    streams: NDArray[np.int64],
    span: tuple[int, int],
) -> Iterable[ChunkPlace]:
    what = "SELECT id, stream, min_ns, max_ns, entries, raw_bytes, is_distinct FROM chunk"
    if len(streams) <= _BY_STREAM:
        sql = f"{what} WHERE stream=? AND max_ns>=? AND min_ns<=?"
        asked = (connection.execute(sql, (number, *span)) for number in streams.tolist())
        return [ChunkPlace(*row) for rows in asked for row in rows]
    sql = f"{what} WHERE tenant=? AND max_ns>=? AND min_ns<=?"
    wanted = set(streams.tolist())
    rows = connection.execute(sql, (tenant, *span))
    return [ChunkPlace(*row) for row in rows if row[1] in wanted]
