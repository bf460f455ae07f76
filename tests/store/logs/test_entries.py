"""Entries as columns: order, merging, cutting, metadata."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.store.logs.entries import from_batch, merge
from tests.store.logs.build import entries, lines_of


def test_a_batch_is_sorted_by_time_and_equal_times_keep_their_order() -> None:
    found = entries([3, 1, 3, 2, 1], ["a", "b", "c", "d", "e"])
    assert found.times_ns.tolist() == [1, 1, 2, 3, 3]
    assert lines_of(found) == [b"b", b"e", b"d", b"a", b"c"]


def test_lines_may_be_empty_and_contain_newlines() -> None:
    found = entries([1, 2, 3, 4], ["", "a\nb", "\n", ""])
    assert lines_of(found) == [b"", b"a\nb", b"\n", b""]


def test_metadata_is_coded_with_the_empty_set_first() -> None:
    pairs = (("k", "v"),)
    batch = StreamBatch(Labels(), np.array([3, 2, 1]), [b"a", b"b", b"c"], [pairs, (), pairs])
    found = from_batch(batch)
    assert found.metadata == ((), pairs)
    assert found.metadata_ids is not None
    assert found.metadata_ids.tolist() == [1, 0, 1]


def test_empty_metadata_costs_nothing() -> None:
    batch = StreamBatch(Labels(), np.array([1, 2]), [b"a", b"b"], [(), ()])
    assert from_batch(batch).metadata_ids is None


def test_merge_interleaves_and_prefers_earlier_parts_among_equal_times() -> None:
    parts = [entries([1, 5, 9], ["a", "b", "c"]), entries([0, 5], ["d", "e"], k="v")]
    found = merge([*parts, entries([5], ["f"])])
    assert found.times_ns.tolist() == [0, 1, 5, 5, 5, 9]
    assert lines_of(found) == [b"d", b"a", b"b", b"e", b"f", b"c"]
    assert found.metadata_ids is not None
    names = [found.metadata[number] for number in found.metadata_ids]
    assert names == [(("k", "v"),), (), (), (("k", "v"),), (), ()]


@pytest.mark.parametrize(
    ("span", "expected"),
    [((0, 9), "abcd"), ((2, 2), "bc"), ((3, 9), "d"), ((-9, 1), "a"), ((4, 9), ""), ((3, 1), "")],
)
def test_cut_keeps_what_lies_between_both_bounds_included(
    span: tuple[int, int], expected: str
) -> None:
    found = entries([1, 2, 2, 3], list("abcd"))
    low, high = found.bounds(*span)
    assert lines_of(found.cut(low, max(low, high))) == [char.encode() for char in expected]


def test_chunk_has_metadata_numbers_even_when_there_is_no_metadata() -> None:
    chunk = entries([1, 2]).chunk(Labels.of({"a": "b"}))
    assert chunk.metadata[0] == ()
    assert chunk.metadata_ids.tolist() == [0, 0]


def test_extreme_times_are_ordered() -> None:
    low, high = -(1 << 63), (1 << 63) - 1
    assert entries([high, low, 0]).times_ns.tolist() == [low, 0, high]
