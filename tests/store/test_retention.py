"""Deleting blocks when some lie on broken pages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from appliance.base.errors import Unavailable
from appliance.store.failure import FileDamaged
from appliance.store.retention import Deleter, Pruned


class Blocks:
    """Deletes numbers; a transaction with a broken one fails as a whole."""

    def __init__(self, *broken: int) -> None:
        self.broken = broken
        self.gone: list[int] = []
        self.calls = 0

    def delete(self, numbers: Sequence[int]) -> Pruned:
        self.calls += 1
        if any(number in self.broken for number in numbers):
            raise FileDamaged("broken")
        self.gone += numbers
        return Pruned(len(numbers), 10 * len(numbers), 100 * len(numbers))


def test_blocks_go_in_steps() -> None:
    blocks = Blocks()
    assert Deleter(blocks.delete, step=3).run(range(7)) == Pruned(7, 70, 700)
    assert (blocks.gone, blocks.calls) == (list(range(7)), 3)


def test_only_blocks_on_broken_pages_stay_and_are_not_tried_again() -> None:
    blocks = Blocks(1, 5)
    deleter = Deleter(blocks.delete, step=3)
    assert deleter.run(range(7)).blocks == 5
    assert blocks.gone == [0, 2, 3, 4, 6]
    assert deleter.possible(range(4)) == [0, 2, 3]


def test_other_failures_are_the_callers() -> None:
    def refuse(_: Sequence[int]) -> Pruned:
        raise Unavailable("the disk is full")

    with pytest.raises(Unavailable):
        Deleter(refuse, step=3).run([1])
