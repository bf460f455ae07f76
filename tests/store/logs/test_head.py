"""Head: what readers see while entries come, are frozen, dropped and put back."""

from __future__ import annotations

import numpy as np

from appliance.store.logs.entries import Entries, merge
from appliance.store.logs.head import Head
from tests.store.logs.build import entries, lines_of

ALL = np.arange(1, 100, dtype=np.int64)


def insert(head: Head, row: int, *items: tuple[int, Entries], row_bytes: int = 10) -> None:
    triples = [(stream, 1, part) for stream, part in items]
    head.insert(row, triples, row_bytes=row_bytes, now=float(row))


def times(head: Head, stream: int) -> list[int]:
    found = dict(head.snapshot(ALL)).get(stream, [])
    return [time for parts in found for time in merge(parts).times_ns.tolist()]


def test_a_snapshot_does_not_grow() -> None:
    head = Head(1 << 20)
    insert(head, 1, (5, entries([1])))
    before = head.snapshot(ALL)
    insert(head, 2, (5, entries([2])))
    assert len(merge(before[0][1][0])) == 1
    assert times(head, 5) == [1, 2]


def test_many_small_parts_are_merged_to_few() -> None:
    head = Head(1 << 20)
    for row in range(1, 1001):
        insert(head, row, (5, entries([row])))
    ((_, [parts]),) = head.snapshot(ALL)
    assert len(parts) < 50
    assert times(head, 5) == list(range(1, 1001))
    assert head.entries == 1000


def test_a_stream_is_full_at_the_size_of_a_chunk() -> None:
    head = Head(8)
    insert(head, 1, (5, entries([1], ["abc"])), (6, entries([1], ["a"])))
    assert head.full == set()
    insert(head, 2, (5, entries([1], ["abc"])))
    assert head.full == {5}


def test_what_comes_after_the_freeze_stays_after_the_drop() -> None:
    head = Head(8)
    insert(head, 1, (5, entries([1])))
    frozen = head.freeze(5)
    assert frozen is not None
    insert(head, 2, (5, entries([2])))
    assert times(head, 5) == [1, 2]
    head.drop([frozen])
    assert times(head, 5) == [2]
    assert head.entries == 1
    assert 5 in head
    last = head.freeze(5)
    assert last is not None
    head.drop([last])
    assert 5 not in head
    assert (head.entries, head.size_bytes, head.row_bytes) == (0, 0, 0)


def test_a_stream_is_frozen_once_at_a_time() -> None:
    head = Head(8)
    insert(head, 1, (5, entries([1])))
    assert head.freeze(5) is not None
    insert(head, 2, (5, entries([2])))
    assert head.freeze(5) is None
    assert head.freeze(6) is None


def test_thaw_puts_entries_back_in_their_order() -> None:
    head = Head(4)
    insert(head, 1, (5, entries([7], ["one"])))
    frozen = head.freeze(5)
    assert frozen is not None
    insert(head, 2, (5, entries([7], ["two"])))
    head.thaw([frozen])
    assert head.full == {5}
    again = head.freeze(5)
    assert again is not None
    assert lines_of(merge(again.parts)) == [b"one", b"two"]
    assert again.rows.tolist() == [1, 2]
    head.drop([again])
    assert (head.entries, head.size_bytes, head.row_bytes) == (0, 0, 0)


def test_a_row_is_needed_until_its_last_stream_is_sealed() -> None:
    head = Head(8)
    insert(head, 1, (5, entries([1])), (6, entries([1])), (5, entries([2])))
    insert(head, 2, (5, entries([3])), row_bytes=20)
    five, six = head.freeze(5), head.freeze(6)
    assert five is not None
    assert six is not None
    assert head.unneeded_rows([five]).tolist() == [2]
    assert head.unneeded_rows([five, six]).tolist() == [1, 2]
    head.drop([five])
    assert head.row_bytes == 10
    assert head.unneeded_rows([six]).tolist() == [1]


def test_a_reader_s_merged_part_replaces_the_originals() -> None:
    head = Head(1 << 20)
    for row in range(1, 5):
        insert(head, row, (5, entries([row])))
    ((_, [parts]),) = head.snapshot(ALL)
    insert(head, 5, (5, entries([5])))
    merged = merge(parts)
    head.replace(5, parts, merged)
    ((_, [now]),) = head.snapshot(ALL)
    assert now[0] is merged
    assert times(head, 5) == [1, 2, 3, 4, 5]
    head.replace(5, parts, merged)  # they are gone: nothing happens
    assert times(head, 5) == [1, 2, 3, 4, 5]
    head.replace(99, parts, merged)


def test_a_reader_may_merge_parts_in_the_middle() -> None:
    head = Head(1 << 20)
    for row in range(1, 6):
        insert(head, row, (5, entries([row])))
    ((_, [parts]),) = head.snapshot(ALL)
    merged = merge(parts[2:4])
    head.replace(5, parts[2:4], merged)
    ((_, [now]),) = head.snapshot(ALL)
    assert now == (*parts[:2], merged, parts[4])
    head.replace(5, parts[3:5], merge(parts[3:5]))  # no longer side by side: nothing happens
    assert times(head, 5) == [1, 2, 3, 4, 5]


def test_streams_with_data_in_a_range() -> None:
    head = Head(8)
    insert(head, 1, (5, entries([1, 2])), (6, entries([5, 9])))
    assert head.spans(ALL, 2, 4) == [5]
    assert head.spans(ALL, 3, 4) == []
    assert head.spans(np.array([6]), 0, 99) == [6]


def test_the_oldest_waiting_time_passes_over_sealed_streams() -> None:
    head = Head(8)
    assert head.oldest_since() is None
    insert(head, 1, (5, entries([1])))
    insert(head, 2, (6, entries([1])))
    assert head.oldest_since() == 1.0
    head.freeze(5)
    assert head.oldest_since() == 2.0
