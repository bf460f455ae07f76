"""A broken page that the start does not notice: everything else is served and pruned."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from appliance.store.retention import Retention, RetentionRule
from tests.faults.stores import BLOCKS, SIGNALS, fill, items, open_store

PAGE = 8192
#: In a pointer map: the page is not the first one of a large value's.
CONTINUATION = 4


def break_value(path: Path) -> None:
    """Overwrite a page in the middle of the large values."""
    data = bytearray(path.read_bytes())
    pointers = struct.iter_unpack(">BI", data[PAGE : 2 * PAGE - PAGE % 5])  # from page 3 on
    kinds = [kind for kind, _ in pointers][: len(data) // PAGE - 2]
    pages = [page for page, kind in enumerate(kinds, start=3) if kind == CONTINUATION]
    page = pages[len(pages) // 2]
    data[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(data)


@pytest.mark.parametrize("signal", SIGNALS)
def test_queries_and_retention_go_round_a_broken_page(tmp_path: Path, signal: str) -> None:
    path = tmp_path / f"{signal}.db"
    store = open_store(signal, path)
    fill(signal, store, seal=True)
    assert items(signal, store) == BLOCKS
    store.close()
    break_value(path)
    store = open_store(signal, path)
    assert items(signal, store) == BLOCKS - 1
    everything = Retention((RetentionRule(1000),))
    assert store.retain(everything).blocks >= BLOCKS - 1
    assert store.retain(everything).blocks == 0
    assert items(signal, store) == 0
    store.close()
