"""Numbers for the strings of remote write 2, whose tables differ from request to request.

Invariant: a number stands for one string as long as the process lives, whatever has been forgotten
meanwhile; so keys made of numbers may be kept by others.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MAX_KNOWN = 1_000_000
#: The lowest byte of every number, and so the first byte of every key: those of version 1 start
#: with the tag of a label, which is another one.
_MARK = 0x02
_counter = itertools.count(1)


class SymbolNumbers:
    """Strings and their numbers; any thread may use it."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}

    def of(self, symbols: Sequence[bytes]) -> NDArray[np.uint64]:
        """The numbers of strings: uint64[symbol], eight bytes of a key each."""
        known = self._known
        if len(known) > _MAX_KNOWN:
            self._known = known = {}
        numbers = [known.get(symbol, 0) for symbol in symbols]
        if 0 in numbers:
            numbers = [
                # Of two threads that see a string first, one number holds.
                number or known.setdefault(symbol, next(_counter) << 8 | _MARK)
                for number, symbol in zip(numbers, symbols, strict=True)
            ]
        return np.array(numbers, dtype=np.uint64)
