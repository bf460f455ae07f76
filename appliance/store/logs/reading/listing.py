"""Pieces of a selection, head and chunks as they are at one instant."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from appliance.store.logs.reading.piece import ChunkPiece, ChunkPlace, HeadPiece
from appliance.store.logs.reading.runs import runs_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from appliance.store.logs.reading.piece import Piece, Shelf

#: Up to so many streams the chunk table is asked stream by stream, else by time.
_BY_STREAM = 100
_PLACES = "SELECT id, stream, min_ns, max_ns, entries, raw_bytes, is_distinct FROM chunk"


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
        runs = itertools.chain.from_iterable(map(runs_of, groups))
        pieces += [HeadPiece(shelf.head, stream, run) for run in runs]
    pieces = [one for one in pieces if one.max_ns >= span[0] and one.min_ns <= span[1]]
    _find_overlaps(pieces)
    return pieces


def list_chunks(shelf: Shelf, stream: int, span: tuple[int, int]) -> list[ChunkPiece]:
    """A stream's chunks that overlap [first, last], in the order they were written."""
    with shelf.database.reader() as connection:
        places = sorted(_places_of(connection, stream, span))
    return [ChunkPiece(shelf, place) for place in places]


def _find_overlaps(pieces: Iterable[Piece]) -> None:
    """Tell pieces that may repeat entries of earlier ones of their stream which these are."""
    by_stream: dict[int, list[Piece]] = {}
    newest: dict[int, int] = {}
    for piece in pieces:
        earlier = by_stream.setdefault(piece.stream, [])
        if earlier and piece.min_ns <= newest[piece.stream] and not piece.is_distinct:
            piece.earlier = [one for one in earlier if _overlap(one, piece)]
        newest[piece.stream] = max(newest.get(piece.stream, piece.max_ns), piece.max_ns)
        earlier.append(piece)


def _overlap(one: Piece, other: Piece) -> bool:
    return one.min_ns <= other.max_ns and other.min_ns <= one.max_ns


def _places(
    connection: sqlite3.Connection,
    tenant: int,
    streams: NDArray[np.int64],
    span: tuple[int, int],
) -> Iterable[ChunkPlace]:
    if len(streams) <= _BY_STREAM:
        asked = (_places_of(connection, number, span) for number in streams.tolist())
        return itertools.chain.from_iterable(asked)
    sql = f"{_PLACES} WHERE tenant=? AND max_ns>=? AND min_ns<=?"
    wanted = set(streams.tolist())
    rows = connection.execute(sql, (tenant, *span))
    return [ChunkPlace(*row) for row in rows if row[1] in wanted]


def _places_of(
    connection: sqlite3.Connection, stream: int, span: tuple[int, int]
) -> list[ChunkPlace]:
    sql = f"{_PLACES} WHERE stream=? AND max_ns>=? AND min_ns<=?"
    return [ChunkPlace(*row) for row in connection.execute(sql, (stream, *span))]
