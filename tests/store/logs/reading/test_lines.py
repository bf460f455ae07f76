"""Lines of a part of a piece: cut to it, read once, counted once."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.lines.column import Fields
from appliance.model.log import PlainLines
from appliance.store.logs.reading.lines import CutLines, SharedGuard
from tests.store.logs.build import Bounds


class Source:
    """Three lines; `knows_offsets`: whether those are known without the text."""

    def __init__(self, *, knows_offsets: bool) -> None:
        self.knows_offsets = knows_offsets
        self.reads = 0
        self.asked: list[object] = []

    def lines(self) -> PlainLines:
        self.reads += 1
        return PlainLines.of([b"a", b"bb\nb", b""])

    def line_offsets(self) -> NDArray[np.int64] | None:
        return np.array([0, 2, 7, 8]) if self.knows_offsets else None

    def fields(self, parser: str, names: Collection[str], low: int, high: int) -> Fields | None:
        self.asked.append((parser, list(names), low, high))
        return None


@pytest.mark.parametrize("knows_offsets", [True, False])
@pytest.mark.parametrize(
    ("cut", "text", "offsets"),
    [
        ((0, 3), b"a\nbb\nb\n\n", [0, 2, 7, 8]),
        ((1, 3), b"bb\nb\n\n", [0, 5, 6]),
        ((0, 1), b"a\n", [0, 2]),
        ((2, 3), b"\n", [0, 1]),
    ],
)
def test_lines_are_cut(
    cut: tuple[int, int], text: bytes, offsets: list[int], *, knows_offsets: bool
) -> None:
    source, guard = Source(knows_offsets=knows_offsets), Bounds()
    lines = CutLines(source, *cut, SharedGuard(guard))
    assert lines.offsets.tolist() == offsets
    assert source.reads == (0 if knows_offsets else 1)
    assert lines.text == text
    assert lines.text == text
    assert source.reads == 1
    assert guard.bytes == 8


def test_fields_are_asked_for_the_cut() -> None:
    source = Source(knows_offsets=True)
    assert CutLines(source, 1, 2, SharedGuard(Bounds())).fields("json", ["x"]) is None
    assert source.asked == [("json", ["x"], 1, 2)]
