"""A progress bar on a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress


_PART = "{task.percentage:>3.0f} %  "


class Bar:
    """Shows how far a transfer is, on standard error.

    Args:
        title: What goes on.
        total: What there is to do; None when that is not known.
    """

    def __init__(self, title: str, total: float | None) -> None:
        self._title = title
        self._total = total
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415 - slow to import
            from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn(("" if self._total is None else _PART) + "{task.fields[note]}"),
                console=Console(stderr=True),
                transient=True,
            )
            self._progress.add_task(self._title, total=self._total, note="")
            self._progress.start()
        return self

    def show(self, done: float, note: str) -> None:
        """So much is done; the note stands beside the bar."""
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=done, note=note)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
