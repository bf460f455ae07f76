"""About what columns take."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from appliance.model.trace import Dictionary, NumberValues, Traces
from appliance.store.traces.views.memory_size import memory_size

ROWS = np.zeros(1000, np.int32)
TEXTS = [f"text {n}" for n in range(1000)]


@pytest.mark.parametrize(
    ("value", "least"),
    [
        (ROWS, 4000),
        (b"x" * 500, 500),
        (NumberValues(np.zeros(1000)), 8000),
        (TEXTS, sum(map(sys.getsizeof, TEXTS))),
        (list(range(10**6, 10**6 + 1000)), 36_000),
        (Dictionary(ROWS, TEXTS), 4000 + sum(map(sys.getsizeof, TEXTS))),
        (Traces(np.zeros((10, 16), np.uint8), np.zeros(11, np.int64)), 248),
        ({"a": ROWS, "b": (ROWS, [ROWS])}, 12_000),
    ],
)
def test_sizes_are_about_right(value: object, least: int) -> None:
    assert least <= memory_size(value) <= 2 * least + 1000
