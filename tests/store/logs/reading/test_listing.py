"""Listing: chunks and head that overlap a range, few streams or many."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.store.logs.reading.listing import list_pieces
from appliance.store.logs.store import LogStore
from tests.store.logs.build import batch


@pytest.mark.parametrize("count", [3, 150])
def test_pieces_of_the_streams_that_overlap_the_range(store: LogStore, count: int) -> None:
    streams = [batch({"app": str(n)}, [n, n + 1000]) for n in range(count)]
    store.append("t", streams).result(5)
    store.seal(force=True)
    store.append("t", [batch({"app": "0"}, [5000])]).result(5)
    ids = np.arange(1, count + 1)
    found = list_pieces(store._shelf, 1, ids, (1001, 9000))
    assert [one.stream for one in found] == [*range(2, count + 1), 1]
    assert found[-1].size_bytes == len("5000\n")
    assert list_pieces(store._shelf, 1, ids[:0], (0, 9000)) == []
    assert [one.stream for one in list_pieces(store._shelf, 1, ids[1:3], (0, 9000))] == [2, 3]
