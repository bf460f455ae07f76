"""Line filters over whole chunks."""

from __future__ import annotations

import pytest

from appliance.logql.ast import FilterOp, LineFilter
from appliance.logql.line_filter import needles, passing
from tests.sources import Entry, labels, make_chunk

LINES = ["error one", "", "no error", "ok", "two\nlines error", "err", "or", "ERROR ü"]
CHUNK = make_chunk(labels(app="x"), [Entry(row, line) for row, line in enumerate(LINES)])


def filters(*texts: str) -> list[LineFilter]:
    """`+text` for lines that contain it, `-text` for those that lack it."""
    ops = {"+": FilterOp.CONTAINS, "-": FilterOp.LACKS}
    return [LineFilter(ops[text[0]], text[1:]) for text in texts]


@pytest.mark.parametrize(
    ("texts", "rows"),
    [
        ([], [0, 1, 2, 3, 4, 5, 6, 7]),
        (["+error"], [0, 2, 4]),
        (["-error"], [1, 3, 5, 6, 7]),
        (["+error", "-no"], [0, 4]),
        (["+r"], [0, 2, 4, 5, 6]),
        (["+nothing"], []),
        (["+"], [0, 1, 2, 3, 4, 5, 6, 7]),
        (["-"], []),
        (["+two\nlines"], [4]),
        (["+err\nor"], []),  # two lines, one after the other
        (["+\n"], [4]),
        (["+ü"], [7]),
        (["+o", "+ne"], [0, 4]),
    ],
)
def test_lines_that_pass(texts: list[str], rows: list[int]) -> None:
    assert passing(CHUNK, filters(*texts)).tolist() == rows


def test_needles_are_what_every_line_contains() -> None:
    assert needles(filters("+a", "-b", "+ü", "+")) == (b"a", "ü".encode())
