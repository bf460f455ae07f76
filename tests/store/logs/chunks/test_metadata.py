"""Structured metadata of a chunk: few sets or many, read as a whole or by name; damage."""

from __future__ import annotations

import random

import numpy as np
import pytest

from appliance.lines.column import Column
from appliance.lines.metadata import MetadataSets, MetadataTable
from appliance.model.log import Metadata
from appliance.store.codec import Damaged
from appliance.store.logs.chunks.metadata import (
    StoredMetadata,
    decode_metadata,
    encode_metadata,
    metadata_bytes,
)
from appliance.store.logs.store import LogStore
from tests.store.logs.build import batch, rows, select


def many(count: int) -> list[Metadata]:
    """Sets as of OpenTelemetry: an id in each, a level in most."""
    rnd = random.Random(1)
    level = (("level", "info"),)
    return [
        (*(level if rnd.random() < 0.8 else ()), ("trace_id", rnd.randbytes(16).hex()))
        for _ in range(count)
    ]


def blob_of(sets: list[Metadata], ids: list[int]) -> bytes:
    blob = encode_metadata([(), *sets], np.array(ids, dtype=np.int32))
    assert blob is not None
    return blob


@pytest.mark.parametrize("count", [1, 64, 65, 500])
def test_entries_get_back_their_metadata(count: int) -> None:
    sets, ids = many(count), [0, *range(1, count + 1), 1, 0]
    found, numbers = decode_metadata(blob_of(sets, ids), len(ids))
    assert numbers is not None
    assert isinstance(found, MetadataTable)
    assert isinstance(found, StoredMetadata) == (count > 63)
    assert [found[number] for number in numbers] == [((), *sets)[number] for number in ids]
    assert found[0] == ()
    assert list(found.names) == ["level", "trace_id"]
    assert found.mean_bytes == MetadataSets([(), *sets]).mean_bytes


def test_sets_that_no_entry_has_are_not_kept() -> None:
    found, numbers = decode_metadata(blob_of(many(300), [*range(100, 200)]), 100)
    assert len(found) == 101
    assert numbers is not None
    assert numbers.tolist() == list(range(1, 101))
    assert encode_metadata([()], None) is None
    assert encode_metadata([()], np.zeros(3, dtype=np.int32)) is None


def test_names_are_decoded_one_by_one_and_kept() -> None:
    found, _ = decode_metadata(blob_of(many(100), [*range(100)]), 100)
    assert isinstance(found, StoredMetadata)
    asked: list[str] = []
    kept: dict[str, Column] = {}

    def keep(name: str, load: object) -> Column:
        asked.append(name)
        return kept.setdefault(name, load())  # type: ignore[operator]

    table = found.kept_by(keep)
    assert len(table.column("level")) == 100
    assert asked == ["level"]
    assert table[1:3] == [found[1], found[2]]
    assert list(table) == list(found)
    with pytest.raises(IndexError):
        table[100]
    assert metadata_bytes((found, None)) > 100 * 16


def test_text_that_is_no_utf8_is_refused_as_ever() -> None:
    sets: list[Metadata] = [(("k", f"{n}\udcff"),) for n in range(100)]
    with pytest.raises(TypeError):
        blob_of(sets, [*range(100)])


def test_every_flipped_byte_is_noticed_or_harmless() -> None:
    sets, ids = many(80), [*range(81)]
    blob = blob_of(sets, ids)
    for place in range(0, len(blob), 3):
        broken = bytearray(blob)
        broken[place] ^= 0x11
        try:
            found, numbers = decode_metadata(bytes(broken), 81)
            got = [found[number] for number in numbers.tolist()]  # type: ignore[union-attr]
        except Damaged:
            continue
        assert got == [(), *sets]


@pytest.mark.parametrize("blob", [b"\x40", b"\x40\xff\xff\xff\xff", b"\x40\1\0\0\0x", b"\x01"])
def test_other_blobs_are_damaged(blob: bytes) -> None:
    with pytest.raises(Damaged):
        decode_metadata(blob, 3)


def test_a_store_gives_back_many_sets(store: LogStore) -> None:
    sets = many(200)
    for start in range(0, 200, 50):
        made = batch({"app": "a"}, range(start, start + 50))
        store.append(
            "t",
            [type(made)(made.labels, made.timestamps_ns, made.lines, sets[start : start + 50])],
        ).result(5)
    head = rows(iter(select(store)))
    assert [row[3] for row in head] == sets
    store.seal(force=True)
    assert rows(iter(select(store))) == head
    assert store.delete("t", (), 0, 10).entries == 10
    assert rows(iter(select(store))) == head[10:]
