"""Items of the queue are on their own."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.ingest.forward.item import ForwardItem
from appliance.model.sample import STALE_BITS


@pytest.mark.parametrize("starts", [None, [0, 7, -1]])
def test_what_is_packed_is_unpacked(starts: list[int] | None) -> None:
    bits = np.array([0, STALE_BITS, 1 << 63], dtype=np.uint64)
    item = ForwardItem(
        [b"one", b"", b"three"],
        np.array([0, 2, 2], dtype=np.uint32),
        np.array([1, -2, 1 << 60], dtype=np.int64),
        bits.view(np.float64),
        None if starts is None else np.array(starts, dtype=np.int64),
        b"rest",
    )
    found = ForwardItem.unpack(item.pack())
    assert found.labels == item.labels
    assert found.rows.tolist() == item.rows.tolist()
    assert found.times.tolist() == item.times.tolist()
    assert found.values.view(np.uint64).tolist() == bits.tolist()
    assert (None if found.starts is None else found.starts.tolist()) == starts
    assert found.rest == b"rest"


def test_nothing() -> None:
    none = np.empty(0)
    item = ForwardItem([], none.astype(np.uint32), none.astype(np.int64), none)
    assert ForwardItem.unpack(item.pack()).labels == []
