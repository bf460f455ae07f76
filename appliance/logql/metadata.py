"""Structured metadata of a chunk as columns, built only when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from appliance.lines.column import ABSENT, Column
from appliance.lines.metadata import MetadataSets, MetadataTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.log import LogChunk

_DUPLICATE = "_extracted"


class _Distinct:
    """Columns over the distinct metadata of a chunk, not over its entries.

    Attributes:
        chunk: Whose.
        names: Names as they show, with those that the stream has changed, and the own name of each.
    """

    __slots__ = ("_table", "chunk", "names")

    def __init__(self, chunk: LogChunk) -> None:
        self.chunk = chunk
        sets = chunk.metadata
        self._table = sets if isinstance(sets, MetadataTable) else MetadataSets(sets)
        taken = {name for name, _ in chunk.labels}
        self.names = {
            f"{name}{_DUPLICATE}" if name in taken else name: name for name in self._table.names
        }

    def column(self, name: str) -> Column:
        """The values of a name, by distinct metadata."""
        return self._table.column(self.names[name])


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
        return ChunkMetadata(self._distinct.chunk, self._ids[rows], self._distinct)

    def _used(self) -> dict[str, None]:
        """Names that some row has."""
        if self._names is None:
            names = self._distinct.names
            self._names = dict.fromkeys(name for name in names if self._is_used(name))
        return self._names

    def _is_used(self, name: str) -> bool:
        codes = self._distinct.column(name).codes
        found: np.bool_ = (codes[self._ids] != ABSENT).any()
        return bool(found)

    def __getitem__(self, name: str) -> Column:
        if name not in self:
            raise KeyError(name)
        distinct = self._distinct.column(name)
        return Column(distinct.codes[self._ids], distinct.values)

    def __contains__(self, name: object) -> bool:
        return name in self._distinct.names and self._is_used(str(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._used())

    def __len__(self) -> int:
        return len(self._used())
