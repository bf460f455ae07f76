"""What queries keep of the blocks they read: nothing, the opened block, all of it decoded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.model.matcher import Matcher, MatchOp
from appliance.store.metrics.reading.block_cache import BlockCache
from appliance.store.metrics.reading.block_reader import BlockReader
from tests.store.metrics.conftest import Bench

SERIES = 20
COLUMNS = 6


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Bench]:
    """Three sets of 20 series, a block each."""
    made = Bench(tmp_path, {"block_series": SERIES})
    for group in "abc":
        for time in range(COLUMNS):
            cells = {f"{group}{at}": 100.0 * at + time + 0.25 for at in range(SERIES)}
            made.scrape(time, cells, group=group)
    made.store.seal(force=True)
    assert made.count("SELECT count(*) FROM block") == 3
    yield made
    made.store.close()


def read(bench: Bench, name: str) -> dict[int, float]:
    found = bench.read(Matcher("__name__", MatchOp.EQUAL, name))
    assert list(found) == [name]
    return found[name]


def kept(bench: Bench) -> tuple[int, int]:
    """How many blocks are kept opened and decoded."""
    cache: BlockCache = bench.store._blocks.cache
    numbers = range(1, 10)
    opened = sum(cache.opened.get(number) is not None for number in numbers)
    return opened, sum(cache.decoded.get(number) is not None for number in numbers)


def expected(at: int) -> dict[int, float]:
    return {time: 100.0 * at + time + 0.25 for time in range(COLUMNS)}


def test_a_block_is_kept_opened_from_the_second_time_on_and_decoded_when_half_was_read(
    sealed: Bench,
) -> None:
    assert read(sealed, "b0") == expected(0)
    assert kept(sealed) == (0, 0)
    assert read(sealed, "b1") == expected(1)
    assert kept(sealed) == (1, 0)
    for at in range(2, 10):
        assert read(sealed, f"b{at}") == expected(at)
    assert kept(sealed) == (1, 0)
    assert read(sealed, "b10") == expected(10)
    assert kept(sealed) == (1, 1)
    assert read(sealed, "b11") == expected(11)


def test_a_kept_block_is_not_read_again(sealed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    read(sealed, "a1")
    read(sealed, "a1")
    monkeypatch.setattr(BlockReader, "open", lambda *_: pytest.fail("opened again"))
    assert read(sealed, "a2") == expected(2)


def test_half_of_a_block_is_decoded_whole_at_once(sealed: Bench) -> None:
    names = "|".join(f"c{at}" for at in range(SERIES // 2))
    assert len(sealed.read(Matcher("__name__", MatchOp.REGEX, names))) == SERIES // 2
    assert kept(sealed) == (0, 1)


def test_a_query_of_more_than_half_the_cache_does_not_sweep_it(sealed: Bench) -> None:
    reader = sealed.store._blocks
    read(sealed, "a1")
    read(sealed, "a1")
    (size,) = {opened.size_bytes for n in range(9) if (opened := reader.cache.opened.get(n))}
    reader.cache.max_bytes = 3 * size  # half of it has room for one more
    for _ in range(2):
        assert len(sealed.read(Matcher("__name__", MatchOp.REGEX, "[abc]1"))) == 3
    assert kept(sealed) == (2, 0)
    reader.cache.max_bytes = 1000
    assert len(sealed.read()) == 3 * SERIES
    assert kept(sealed) == (2, 0)


def test_sets_beyond_one_lookup_are_found(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"block_series": 1})
    cells = {f"m{at}": float(at) for at in range(40)}
    bench.scrape(1, cells)
    bench.store.seal(force=True)
    bench.scrape(2, cells)
    bench.store.seal(force=True)
    assert bench.read() == {name: {1: value, 2: value} for name, value in cells.items()}
    bench.store.close()
