"""Structured metadata of a chunk: distinct sets, and the same as columns by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from appliance.lines.column import coded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.lines.column import Column
    from appliance.model.log import Metadata


@runtime_checkable
class MetadataTable(Protocol):
    """Distinct metadata, the first one empty, that can also be had by name.

    `LogChunk.metadata` is mostly one: asking for single names costs less then than going through
    all sets, of which there may be one per entry.
    """

    @property
    def names(self) -> Sequence[str]:
        """Names that some set has, sorted."""
        ...

    @property
    def mean_bytes(self) -> float:
        """Bytes of names and values of an entry that has metadata, on average."""
        ...

    def column(self, name: str) -> Column:
        """The values of one of `names`, by number of the set."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, number: int, /) -> Metadata: ...


class MetadataSets(tuple["Metadata", ...]):  # noqa: SLOT001 - tuples cannot have slots
    """Implements `MetadataTable` over sets in memory; columns are kept once they were made."""

    _names: tuple[str, ...]
    _mean_bytes: float

    @property
    def names(self) -> Sequence[str]:
        """See `MetadataTable.names`."""
        if "_names" not in self.__dict__:
            self._names = tuple(sorted({name for pairs in self for name, _ in pairs}))
        return self._names

    @property
    def mean_bytes(self) -> float:
        """See `MetadataTable.mean_bytes`; each set counts once."""
        if "_mean_bytes" not in self.__dict__:
            total = sum(len(name) + len(text) for pairs in self for name, text in pairs)
            self._mean_bytes = total / max(1, len(self) - 1)
        return self._mean_bytes

    def column(self, name: str) -> Column:
        """See `MetadataTable.column`."""
        columns = self.__dict__.setdefault("_columns", {})
        if name not in columns:
            columns[name] = coded([dict(pairs).get(name) for pairs in self])
        found: Column = columns[name]
        return found
