"""A log that is copied and truncated, and what follows it, step by step.

A kill is a new `Follower` made from the one before.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.ingest.tail.files.job_files import JobFiles
from appliance.ingest.tail.files.mark import decode_mark
from appliance.ingest.tail.targets import FileTarget
from appliance.model.labels import Labels


class Log:
    """A log that is copied and truncated."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "a.log"
        self.path.touch()

    def add(self, *lines: int) -> None:
        with self.path.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def copy(self, number: int) -> None:
        shutil.copyfile(self.path, self.path.with_name(f"a.log.{number}"))

    def truncate(self) -> None:
        os.truncate(self.path, 0)

    def rotate(self, number: int) -> None:
        self.copy(number)
        self.truncate()

    def write_at_once(self) -> None:
        """Give everything one time of change, as if it was made within a tick of the clock."""
        for path in self.path.parent.iterdir():
            os.utime(path, ns=(10**18, 10**18))


class Follower:
    """The files of one job, as the loop looks at and reads them, and the marks in the store.

    Args:
        before: The one that was killed.
    """

    def __init__(self, log: Log, before: Follower | None = None, targets: int = 1) -> None:
        self.files: JobFiles
        self.stored: dict[str, str] = {}
        if before is not None:
            before.files.close()
            self.stored = before.stored
        marks = {name: mark for name, text in self.stored.items() if (mark := decode_mark(text))}
        self.files = JobFiles(marks, {})
        wanted = [
            FileTarget("app", str(log.path), "", Labels.of({"x": str(number)}), Labels())
            for number in range(targets)
        ]
        self.files.set_targets(wanted, 0)

    def look(self, now: float = 0.0) -> None:
        self.files.find(now)
        self.files.look(now)

    def block(self, now: float = 0.0) -> list[int] | None:
        block = self.files.next_block(now)
        return None if block is None else [int(line) for line in block.data.split()]

    def read(self, now: float = 0.0) -> list[int]:
        return [line for lines in iter(lambda: self.block(now), None) for line in lines]

    def deliver(self) -> None:
        """The store gets the marks of a round."""
        now_ns = SystemClock().now_ns()
        self.stored |= {file.mark_name: file.mark(now_ns).encode() for file in self.files.files}
        for name in self.files.take_gone():
            self.stored.pop(name, None)

    def turn(self, now: float = 0.0) -> list[int]:
        """One round."""
        self.look(now)
        found = self.read(now)
        self.deliver()
        return found
