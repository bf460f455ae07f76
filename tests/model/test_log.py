from __future__ import annotations

import numpy as np
import pytest

from appliance.model.log import MetadataColumn, PlainLines

LINES = [b"one", b"", b"three\nwith a newline", "vïer".encode()]


def test_lines_put_together_are_still_the_lines() -> None:
    lines = PlainLines.of(LINES)

    assert list(lines) == LINES
    assert (len(lines), lines[-1], lines[1:3]) == (4, LINES[3], LINES[1:3])
    assert PlainLines.of(lines) is lines
    assert list(PlainLines.of([])) == []
    with pytest.raises(IndexError):
        lines[4]


@pytest.mark.parametrize("rows", [[], [0], [3, 2], [0, 1, 3], [1, 2, 3], [0, 0, 2]])
def test_some_lines_in_any_order(rows: list[int]) -> None:
    taken = PlainLines.of(LINES).take(np.array(rows, dtype=np.int64))

    assert list(taken) == [LINES[row] for row in rows]


def test_each_set_of_metadata_is_kept_once() -> None:
    pairs = (("a", "1"),)
    column = MetadataColumn.of([pairs, (), pairs])

    assert column.distinct == ((), pairs)
    assert column.ids.tolist() == [1, 0, 1]
    assert list(column) == [pairs, (), pairs]
    assert column[1:] == [(), pairs]
    assert MetadataColumn.of(column) is column
