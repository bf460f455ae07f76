"""Stored fields: round trip, what is kept, damage."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest

from appliance.lines.column import Fields, coded
from appliance.store.codec import Damaged
from appliance.store.logs.chunks.fields import (
    StoredFields,
    cut_fields,
    decode_fields,
    encode_fields,
)

ROWS = 200
LARGE = 1 << 20


def blob_of(
    columns: dict[str, Sequence[str | None]],
    irregular: Sequence[int] = (),
    chunk_bytes: int = LARGE,
) -> bytes | None:
    fields = Fields(
        {name: coded(items) for name, items in columns.items()},
        np.array(irregular, dtype=np.int64),
    )
    return encode_fields("json", fields, count=ROWS, chunk_bytes=chunk_bytes)


def stored(*args: object, **options: object) -> StoredFields:
    blob = blob_of(*args, **options)  # type: ignore[arg-type]
    assert blob is not None
    return decode_fields(blob, ROWS)


def cycled(*items: str | None) -> list[str | None]:
    return list(itertools.islice(itertools.cycle(items), ROWS))


@pytest.mark.parametrize(
    "items",
    [
        cycled("a"),
        cycled("a", None, "é\n\0", ""),
        cycled("200", "404", None),
        cycled("1", "01", "+1", "1.0", "1e3", "0x1"),
        cycled("1.5", "2", "-0", "0", "1e-07", "NaN", "nan", "inf"),
        cycled("12345678901234567890", "1"),
        [str(1_700_000_000_000 + row) for row in range(ROWS)],
        [str(row * row - 500) for row in range(ROWS)],
        [str(row / 7) for row in range(ROWS)],
        [str(row / 7).removesuffix(".0") for row in range(ROWS)],
        [None] * (ROWS - 1) + ["rare"],
    ],
)
def test_a_column_gives_back_its_texts(items: Sequence[str | None]) -> None:
    found = stored({"x": items}).column("x")
    assert found.texts() == list(items)
    assert len(set(found.values)) == len(found.values)


def test_distinct_texts_are_not_kept_and_distinct_numbers_are() -> None:
    rnd = random.Random(1)
    found = stored(
        {
            "id": [rnd.randbytes(8).hex() for _ in range(ROWS)],
            "n": [str(rnd.randint(0, 10**9)) for _ in range(ROWS)],
            "kind": cycled("a", "b"),
        }
    )
    assert set(found.columns) == {"n", "kind"}
    assert found.parsed == {"id"}
    assert found.answers("json", frozenset({"n", "nowhere"}))
    assert not found.answers("json", frozenset({"n", "id"}))
    assert not found.answers("logfmt", frozenset({"n"}))


def test_columns_take_their_share_the_cheapest_first() -> None:
    rnd = random.Random(1)
    columns: dict[str, Sequence[str | None]] = {
        "cheap": cycled("a"),
        "dear": [str(rnd.randint(0, 10**12)) for _ in range(ROWS)],
    }
    found = stored(columns, chunk_bytes=1000)
    assert set(found.columns) == {"cheap"}
    assert found.parsed == {"dear"}
    assert blob_of(columns, chunk_bytes=10) is None


def test_lines_with_too_many_names_or_irregular_ones_are_left() -> None:
    assert blob_of({}) is None
    assert blob_of({f"n{n}": cycled("a") for n in range(500)}) is None
    assert blob_of({"a": cycled("a")}, irregular=range(100)) is None


def test_fields_are_cut_to_rows() -> None:
    found = stored({"x": cycled("a", "b", "c")}, irregular=[3, 5, 9])
    columns = {"x": found.column("x")}
    cut = cut_fields(columns, found.irregular, 4, 9)
    assert cut.columns["x"].texts() == ["b", "c", "a", "b", "c"]
    assert cut.irregular.tolist() == [1]
    assert cut_fields(columns, found.irregular, 10, 20).irregular.tolist() == []


def test_text_that_is_no_utf8_is_not_kept() -> None:
    found = stored({"x": cycled("\udcff"), "y": cycled("a")})
    assert found.parsed == {"x"}


def test_every_flipped_byte_is_noticed_or_harmless() -> None:
    columns: dict[str, Sequence[str | None]] = {
        "x": cycled("a", "b", None),
        "n": [str(row * 3) for row in range(ROWS)],
    }
    blob = blob_of(columns, irregular=[7])
    assert blob is not None
    for place in range(len(blob)):
        broken = bytearray(blob)
        broken[place] ^= 0x41
        try:
            found = decode_fields(bytes(broken), ROWS)
            texts = {name: found.column(name).texts() for name in found.columns}
        except Damaged:
            continue
        assert texts == columns
        assert found.irregular.tolist() == [7]


@pytest.mark.parametrize("blob", [b"", b"\1\0\0\0", b"\xff" * 40])
def test_other_blobs_are_damaged(blob: bytes) -> None:
    with pytest.raises(Damaged):
        decode_fields(blob, ROWS)


def test_a_blob_of_another_chunk_is_damaged() -> None:
    blob = blob_of({"x": cycled("a")})
    assert blob is not None
    with pytest.raises(Damaged):
        decode_fields(blob, ROWS - 1)


def test_codes_without_a_value_are_damaged() -> None:
    three, one = stored({"x": cycled("a", "b", "c")}), stored({"x": cycled("a")})
    mixed = three.columns["x"]._replace(values=one.columns["x"].values)
    with pytest.raises(Damaged):
        StoredFields("json", ROWS, {"x": mixed}, frozenset(), three.irregular).column("x")
