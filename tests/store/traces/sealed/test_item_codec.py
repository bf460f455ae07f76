"""Events and links in blobs."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.trace import Dictionary
from appliance.store.codec import Damaged
from appliance.store.traces.items import ItemHeads, no_items
from appliance.store.traces.sealed.item_codec import (
    decode_events,
    decode_links,
    encode_events,
    encode_links,
)

STARTS = np.array([0, 100, 2**62], np.int64)
ROWS = np.array([0, 0, 2], np.int32)
EVENTS = ItemHeads(
    ROWS,
    np.array([0, 2**63 - 1, 5], np.int64),
    Dictionary(np.array([1, 0, 1], np.int32), ["a", ""]),
    np.zeros((3, 16), np.uint8),
)
LINKS = ItemHeads(
    ROWS,
    np.array([1, 2**64 - 1, 0], np.uint64),
    Dictionary(np.full(3, -1, np.int32), []),
    np.arange(48, dtype=np.uint8).reshape(3, 16),
)


def same(found: ItemHeads, expected: ItemHeads) -> None:
    assert found.rows.tolist() == expected.rows.tolist()
    assert found.numbers.tolist() == expected.numbers.tolist()
    assert found.numbers.dtype == expected.numbers.dtype
    assert found.trace_ids.tolist() == expected.trace_ids.tolist()
    names = [[one.values[at] if at >= 0 else None for at in one.ids] for one in
             (found.names, expected.names)]  # fmt: skip
    assert names[0] == names[1]


def test_events_survive() -> None:
    same(decode_events(*encode_events(EVENTS, STARTS), STARTS), EVENTS)
    nothing = no_items("event")
    same(decode_events(*encode_events(nothing, STARTS), STARTS), nothing)


def test_links_survive() -> None:
    same(decode_links(encode_links(LINKS), 3), LINKS)
    same(decode_links(encode_links(no_items("link")), 3), no_items("link"))


def test_what_leads_out_of_the_block_is_damage() -> None:
    with pytest.raises(Damaged):
        decode_links(encode_links(LINKS), 2)
    with pytest.raises(Damaged):
        decode_events(*encode_events(EVENTS, STARTS), STARTS[:2])
    times, _ = encode_events(EVENTS, STARTS)
    _, names = encode_events(no_items("event"), STARTS)
    with pytest.raises(Damaged):
        decode_events(times, names, STARTS)
