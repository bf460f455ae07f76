"""Whatever the order of writing, copying, truncating and kills: each line is stored once."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.tail.files.copied import Follower, Log

#: Copy and truncation follow each other; between them anything else may happen but writing, as what
#: is written then is in no copy.
STEPS = st.lists(
    st.sampled_from(
        ["add", "add", "rotate", "copy", "truncate", "look", "block", "turn", "turn", "kill"]
    ),
    max_size=40,
)


class Run:
    """One run of steps, and what the store has of it."""

    def __init__(self, folder: Path) -> None:
        self.log = Log(folder)
        self.follower = Follower(self.log)
        self.now = 0.0
        self.count = self.copies = 0
        self.is_copied = False
        self.found: list[int] = []
        self.stored: list[int] = []

    def add(self) -> None:
        if not self.is_copied:
            self.log.add(self.count)
            self.count += 1

    def copy(self) -> None:
        if not self.is_copied:
            self.copies += 1
            self.log.copy(self.copies)
            self.is_copied = True

    def truncate(self) -> None:
        if self.is_copied:
            self.log.truncate()
            self.is_copied = False

    def rotate(self) -> None:
        self.copy()
        self.truncate()

    def look(self) -> None:
        self.follower.look(self.now)

    def block(self) -> None:
        self.found += self.follower.block(self.now) or []

    def turn(self) -> None:
        self.look()
        self.found += self.follower.read(self.now)
        self.follower.deliver()
        self.stored += self.found
        self.found = []

    def kill(self) -> None:
        self.found = []
        self.follower = Follower(self.log, self.follower)


@given(STEPS)
def test_each_line_is_stored_once(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        run.turn()
        for step in steps:
            run.now += 0.05
            getattr(run, step)()
        run.truncate()
        for _ in range(12):
            run.now += 1.0
            run.turn()
        run.follower.files.close()
        assert sorted(run.stored) == list(range(run.count))
