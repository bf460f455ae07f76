"""Pieces: read late, read once, gone when deleted."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.store.logs.chunks.token_filter import needle_hashes
from appliance.store.logs.reading.piece import ChunkPiece, ChunkPlace, Gone, HeadPiece
from appliance.store.logs.store import LogStore
from tests.store.logs.build import batch


def sealed(store: LogStore) -> ChunkPiece:
    lines = ["(one)", "(two)"]
    store.append("t", [batch({"app": "a"}, [3, 5], lines)]).result(5)
    store.seal(force=True)
    return ChunkPiece(store._shelf, ChunkPlace(1, 1, 3, 5, 2, 12, 1))


def test_columns_are_decoded_once(store: LogStore) -> None:
    piece = sealed(store)
    assert piece.times().tolist() == [3, 5]
    assert piece.times() is piece.times()


def test_lines_are_kept_when_they_are_read_again(store: LogStore) -> None:
    piece = sealed(store)
    first, second = piece.lines(), piece.lines()
    assert list(first) == list(second) == [b"(one)", b"(two)"]
    assert first is not second
    assert piece.lines() is second
    store._shelf.forget([piece.number])
    assert piece.lines() is not second


def test_a_chunk_is_ruled_out_by_its_filter(store: LogStore) -> None:
    piece = sealed(store)
    assert piece.is_ruled_out(needle_hashes((b"(three)",)))
    assert not piece.is_ruled_out(needle_hashes((b"(two)",)))


def test_a_chunk_that_is_not_there_is_gone(store: LogStore) -> None:
    with pytest.raises(Gone):
        ChunkPiece(store._shelf, ChunkPlace(99, 1, 3, 5, 2, 12, 1)).times()


def test_a_piece_of_the_head_is_merged_in_the_head_too(store: LogStore) -> None:
    for time in (4, 2):
        store.append("t", [batch({"app": "a"}, [time])]).result(5)
    head = store._shelf.head
    ((stream, [parts]),) = head.snapshot(np.array([1]))
    piece = HeadPiece(head, stream, parts)
    assert (piece.min_ns, piece.max_ns) == (2, 4)
    assert piece.times().tolist() == [2, 4]
    ((_, [after]),) = head.snapshot(np.array([1]))
    assert after == (piece.entries(),)
