"""Chunk rows: round trip, splitting, damage."""

from __future__ import annotations

import random
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest

from appliance.store.codec import Damaged, encode_array, encode_bytes
from appliance.store.logs.chunks.block import decode, encode, split
from appliance.store.logs.entries import Entries, merge
from tests.store.logs.build import entries, lines_of


def again(found: Entries) -> Entries:
    return decode(encode(found))


def same(one: Entries, other: Entries) -> bool:
    def pairs(side: Entries) -> list[object]:
        ids = [0] * len(side) if side.metadata_ids is None else side.metadata_ids.tolist()
        return [side.metadata[number] for number in ids]

    return (
        one.times_ns.tolist() == other.times_ns.tolist()
        and lines_of(one) == lines_of(other)
        and pairs(one) == pairs(other)
    )


@pytest.mark.parametrize(
    "found",
    [
        entries([1]),
        entries([5, 5, 5], ["a", "", "a"]),
        entries([-(1 << 63), (1 << 63) - 1], ["a\nb", "c"]),
        entries([1, 2], ["\n", "\n\n"], trace_id="é", span_id="2"),
        merge([entries([1, 2], a="1"), entries([1, 3]), entries([2], a="1", b="2")]),
    ],
)
def test_a_chunk_gives_back_its_entries(found: Entries) -> None:
    assert same(again(found), found)


def test_a_row_tells_range_and_sizes() -> None:
    row = encode(entries([7, 3, 9], ["a", "bb", "ccc"]))
    assert (row.min_ns, row.max_ns, row.entries, row.raw_bytes) == (3, 9, 3, 9)
    assert row.stored_bytes == sum(len(one) for one in astuple(row) if isinstance(one, bytes))
    assert row.metadata is None


def test_without_lengths_the_newlines_tell_them() -> None:
    row = encode(entries([1, 2, 3], ["a", "", "bb"]))
    assert lines_of(decode(replace(row, lengths=None))) == [b"a", b"", b"bb"]


def test_metadata_that_is_not_used_is_not_stored() -> None:
    whole = merge([entries([1], a="1"), entries([2], a="2"), entries([3])])
    assert again(whole.cut(1, 2)).metadata == ((), (("a", "2"),))
    assert encode(whole.cut(2, 3)).metadata is None


def test_json_lines_take_an_eighth() -> None:
    rnd = random.Random(1)
    lines = [
        f'{{"level":{rnd.choice((30, 50))},"time":{1_700_000_000_000 + n},"pid":4711,'
        f'"hostname":"shop-7d9f6c5b4-x2x8k","req":{{"method":"GET","url":"/api/{n % 50}"}},'
        f'"res":{{"statusCode":200}},"responseTime":{rnd.randint(1, 900)},"msg":"completed"}}'
        for n in range(6000)
    ]
    row = encode(entries(range(6000), lines))
    assert row.stored_bytes * 8 < row.raw_bytes


def test_split_makes_pieces_of_about_the_size_and_loses_nothing() -> None:
    found = entries(range(1000), ["x" * 99] * 1000)
    pieces = list(split(found, 10_000))
    assert len(pieces) == 10
    assert {len(piece.text) for piece in pieces} == {10_000}
    assert same(merge(pieces), found)


def test_split_keeps_short_rests_and_long_lines_whole() -> None:
    assert len(list(split(entries([1, 2, 3]), 1 << 20))) == 1
    pieces = list(split(entries([1, 2, 3], ["a", "x" * 5000, "b"]), 100))
    assert [line for piece in pieces for line in lines_of(piece)] == [b"a", b"x" * 5000, b"b"]
    assert all(len(piece) for piece in pieces)


@pytest.mark.parametrize("column", ["times", "lengths", "metadata", "text"])
def test_a_broken_column_is_damaged(column: str) -> None:
    row = encode(entries([1, 2, 3], ["a\n", "b", "c"], k="v"))
    whole = getattr(row, column)
    for broken in (b"", whole[:-1], b"\xff" + whole[1:], encode_bytes(b"?")):
        blobs: dict[str, Any] = {column: broken}
        with pytest.raises(Damaged):
            decode(replace(row, **blobs))


def test_columns_of_different_lengths_are_damaged() -> None:
    row = encode(entries([1, 2, 3], k="v"))
    for other in (
        replace(row, times=encode_array(np.array([1, 2]))),
        replace(row, text=encode_bytes(b"a\n")),
        replace(row, lengths=encode_array(np.array([1, 1, 9], dtype=np.uint32))),
        replace(row, metadata=encode(entries([1], k="v")).metadata),
    ):
        with pytest.raises(Damaged):
            decode(other)
