"""Lines of a part of a piece, read when they are looked at."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from appliance.model.log import PlainLines

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from appliance.lines.column import Fields
    from appliance.model.sources import Guard


class LineSource(Protocol):
    """A piece's lines."""

    def lines(self) -> PlainLines:
        """All of them."""
        ...

    def line_offsets(self) -> NDArray[np.int64] | None:
        """Where they begin, int64[entry + 1], when that is known without reading the text."""
        ...

    def fields(self, parser: str, names: Collection[str], low: int, high: int) -> Fields | None:
        """Stored columns of what a parser finds in lines low to high - 1; None: parse them."""
        ...


class SharedGuard:
    """Counts for the threads of one scan."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._lock = threading.Lock()

    def check(self) -> None:
        """See `Guard.check`."""
        self._guard.check()

    def add_bytes(self, count: int) -> None:
        """See `Guard.add_bytes`."""
        with self._lock:
            self._guard.add_bytes(count)


class CutLines:
    """Implements `model.log.Lines`: lines low to high - 1 of a piece.

    Args:
        guard: Told the bytes of the whole piece when its text is read for the first time.
    """

    def __init__(self, source: LineSource, low: int, high: int, guard: SharedGuard) -> None:
        self._source = source
        self._low = low
        self._high = high
        self._guard = guard
        self._plain: PlainLines | None = None
        self._offsets: NDArray[np.int64] | None = None

    @property
    def text(self) -> bytes:
        """See `Lines.text`."""
        return self.plain.text

    @property
    def offsets(self) -> NDArray[np.int64]:
        """See `Lines.offsets`."""
        if self._offsets is None:
            whole = self._source.line_offsets()
            self._offsets = self.plain.offsets if whole is None else self._cut(whole)
        return self._offsets

    def fields(self, parser: str, names: Collection[str]) -> Fields | None:
        """See `Lines.fields`."""
        return self._source.fields(parser, names, self._low, self._high)

    @property
    def plain(self) -> PlainLines:
        """The lines, read."""
        if self._plain is None:
            whole = self._source.lines()
            self._guard.add_bytes(len(whole.text))
            if self._high - self._low == len(whole):
                self._plain = whole
            else:
                first, end = whole.offsets[self._low], whole.offsets[self._high]
                self._plain = PlainLines(whole.text[first:end], self._cut(whole.offsets))
        return self._plain

    def _cut(self, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        if self._high - self._low == len(offsets) - 1:
            return offsets
        cut: NDArray[np.int64] = offsets[self._low : self._high + 1] - offsets[self._low]
        return cut
