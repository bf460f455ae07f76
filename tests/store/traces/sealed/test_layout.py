"""Fixed columns of sealed blocks."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.trace import Dictionary
from appliance.store.codec import Damaged, decode_array
from appliance.store.traces.sealed import layout


def ids_of(*numbers: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    joined = b"".join(number.to_bytes(16, "big") for number in numbers)
    return np.frombuffer(joined, np.uint8).reshape(-1, 16)


def test_traces_survive() -> None:
    ids = ids_of(1, 1, 1, 2, 256, 256)
    traces = layout.decode_traces(layout.encode_traces(layout.traces_of(ids)))
    assert traces.offsets.tolist() == [0, 3, 4, 6]
    assert traces.spread(traces.ids).tolist() == ids.tolist()


@pytest.mark.parametrize(
    "starts", [[5, 6, 9, 0, 7, 7], [-(2**63), 2**63 - 1, 2**63 - 1, 0, -1, 2**62]]
)
def test_starts_survive(starts: list[int]) -> None:
    traces = layout.traces_of(ids_of(1, 1, 1, 2, 3, 3))
    given = np.array(starts, np.int64)
    assert layout.decode_starts(layout.encode_starts(given, traces), traces).tolist() == starts


def test_parents_survive_wherever_they_are() -> None:
    span_ids = np.array([9, 2**64 - 1, 5, 5, 7], np.uint64)
    for parents in ([0, 9, 5, 1234, 2**64 - 1], [7, 7, 7, 7, 7], [0] * 5, [8, 6, 1, 2, 3]):
        given = np.array(parents, np.uint64)
        blob = layout.encode_parents(given, span_ids)
        assert layout.decode_parents(blob, span_ids).tolist() == parents


def test_coded_column_drops_unused_values_and_keeps_absence() -> None:
    given = Dictionary(np.array([2, -1, 2, 0], np.int32), ["a", "unused", "c"])
    found = layout.decode_coded(layout.encode_coded(given), text=True)
    assert found.values == ["a", "c"]
    assert found.ids.tolist() == [1, -1, 1, 0]
    raw = Dictionary(np.zeros(2, np.int32), [b"\xff"])
    assert layout.decode_coded(layout.encode_coded(raw), text=False).values == [b"\xff"]


@pytest.mark.parametrize("top", [0, 200, 60_000, 2**32 - 1])
def test_small_numbers_survive(top: int) -> None:
    numbers = np.array([0, top, 1, top] * 50)
    assert decode_array(layout.encode_numbers(numbers)).tolist() == numbers.tolist()


def test_split_refuses_what_is_cut() -> None:
    blob = layout.join([b"abc", b"", b"de"])
    assert layout.split(blob, 3) == [b"abc", b"", b"de"]
    for cut in (0, 3, 12, len(blob) - 1):
        with pytest.raises(Damaged):
            layout.split(blob[:cut], 3)
