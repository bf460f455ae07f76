"""Structured metadata of a chunk as columns, built only when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import Column, coded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.log import LogChunk

_DUPLICATE = "_extracted"


class _Distinct:
    """Columns over the distinct metadata of a chunk, not over its entries."""

    __slots__ = ("_chunk", "_columns", "_sets")

    def __init__(self, chunk: LogChunk) -> None:
        self._chunk = chunk
        self._columns: dict[str, Column] = {}
        self._sets: list[dict[str, str]] | None = None

    def sets(self) -> list[dict[str, str]]:
        """Metadata by name, with names that the stream has changed."""
        if self._sets is None:
            taken = {name for name, _ in self._chunk.labels}
            if any(name in taken for pairs in self._chunk.metadata for name, _ in pairs):
                self._sets = [
                    {f"{n}{_DUPLICATE}" if n in taken else n: text for n, text in pairs}
                    for pairs in self._chunk.metadata
                ]
            else:
                self._sets = [dict(pairs) for pairs in self._chunk.metadata]
        return self._sets

    def column(self, name: str) -> Column:
        """The values of a name, by distinct metadata."""
        if name not in self._columns:
            self._columns[name] = coded([pairs.get(name) for pairs in self.sets()])
        return self._columns[name]


class ChunkMetadata(Mapping[str, Column]):
    """Columns by name of some entries of a chunk; each is made when it is asked for.

    Args:
        chunk: Names its stream has come with a suffix.
        ids: int32[row], which of the chunk's metadata a row has; None means all entries.
    """

    __slots__ = ("_distinct", "_ids", "_names")

    def __init__(
        self,
        chunk: LogChunk,
        ids: NDArray[np.int32] | None = None,
        distinct: _Distinct | None = None,
    ) -> None:
        self._ids = chunk.metadata_ids if ids is None else ids
        self._distinct = distinct or _Distinct(chunk)
        self._names: dict[str, None] | None = None

    def take(self, rows: NDArray[np.int64]) -> ChunkMetadata:
        """These rows alone: int64[k]."""
        return ChunkMetadata(self._distinct._chunk, self._ids[rows], self._distinct)  # noqa: SLF001

    def _used(self) -> dict[str, None]:
        """Names that some row has."""
        if self._names is None:
            sets = self._distinct.sets()
            counts = np.bincount(self._ids, minlength=len(sets))
            used = np.flatnonzero(counts).tolist()
            self._names = dict.fromkeys(name for number in used for name in sets[number])
        return self._names

    def __getitem__(self, name: str) -> Column:
        if name not in self._used():
            raise KeyError(name)
        distinct = self._distinct.column(name)
        return Column(distinct.codes[self._ids], distinct.values)

    def __contains__(self, name: object) -> bool:
        return name in self._used()

    def __iter__(self) -> Iterator[str]:
        return iter(self._used())

    def __len__(self) -> int:
        return len(self._used())
