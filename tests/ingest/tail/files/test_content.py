"""Files that are read decompressed."""

from __future__ import annotations

import bz2
import gzip
import random
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.ingest.tail.files.content import open_content

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "z": zlib.compress,
    "bz2": bz2.compress,
    "zst": zstd.compress,
}
DATA = random.Random(1).randbytes(300_000).hex().encode()


@pytest.mark.parametrize("form", COMPRESS)
def test_any_part_can_be_read(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(COMPRESS[form](DATA))
    content = open_content(str(path), decompressed=True)
    for start, size in ((0, 100), (100, 400_000), (599_990, 100), (5, 10), (700_000, 5)):
        assert content.read(start, size) == DATA[start : start + size]
    assert content.is_complete
    content.close()


@pytest.mark.parametrize("form", COMPRESS)
def test_members_one_after_another_are_one(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(COMPRESS[form](b"one\n") + COMPRESS[form](b"two\n"))
    content = open_content(str(path), decompressed=True)
    assert content.read(0, 100) == b"one\ntwo\n"
    content.close()


def test_a_file_that_is_being_written_goes_on(tmp_path: Path) -> None:
    path, whole = tmp_path / "a.gz", gzip.compress(DATA)
    path.write_bytes(whole[:1000])
    content = open_content(str(path), decompressed=True)
    first = content.read(0, len(DATA))
    assert first == DATA[: len(first)] and not content.is_complete  # noqa: PT018
    path.write_bytes(whole)
    assert content.read(0, len(DATA)) == DATA
    content.close()


def test_damage_is_told(tmp_path: Path) -> None:
    path, whole = tmp_path / "a.gz", bytearray(gzip.compress(DATA))
    whole[200_000:200_100] = bytes(100)
    path.write_bytes(whole)
    content = open_content(str(path), decompressed=True)
    with pytest.raises(ValueError, match="damaged compressed file"):
        content.read(0, len(DATA) + 1)
    content.close()


def test_what_is_not_compressed_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(b"plain\n")
    content = open_content(str(path), decompressed=True)
    assert content.read(0, 10) == b"plain\n"
    assert not content.is_compressed
    content.close()


@pytest.mark.parametrize("form", COMPRESS)
def test_little_input_that_stands_for_much_takes_little_memory(tmp_path: Path, form: str) -> None:
    size = 64 << 20
    path = tmp_path / "a.log"
    path.write_bytes(COMPRESS[form](bytes(size)))
    content = open_content(str(path), decompressed=True)
    tracemalloc.start()
    try:
        parts = [content.read(start, 1 << 20) for start in range(0, size, 1 << 20)]
        assert not any(part.strip(b"\0") for part in parts)
        assert sum(map(len, parts)) == size
        del parts
        tracemalloc.reset_peak()
        content.read(0, 1)
        for start in range(0, size, 1 << 20):
            content.read(start, 1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert content.read(size, 1) == b""
    assert content.is_complete
    content.close()
