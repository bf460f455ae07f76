"""Fields of many JSON lines at once, as columns.

    json_fields(text, offsets, rows=None, *, names=None) -> Fields

Lines of a few shapes are read together, see `json_shapes`. Of the others, what `json_block` reads
is turned into columns key by key. Numbers that may be written in more than
one way are taken from the text. Lines that cannot be read, or about which there are doubts, are
`irregular`: `json_line.walk` has to read them. Everything else is exactly what `walk` finds.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.lines.column import ABSENT, Column, Fields
from appliance.lines.json_block import blocks, count_keys
from appliance.lines.json_number import plain_scalars
from appliance.lines.json_shapes import shaped_fields
from appliance.lines.label_name import REPLACEMENT, nested_name
from appliance.model.log import PlainLines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from appliance.lines.json_block import Block

    Path = tuple[str, ...]

#: Columns of keys that few lines have are made line by line.
_SPARSE = 8
_OPEN, _CLOSE = b"{}"


def json_fields(
    text: bytes,
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64] | None = None,
    *,
    names: Collection[str] | None = None,
) -> Fields:
    """What `| json` finds in lines, before `_extracted` is put to names.

    Args:
        text, offsets: Lines as in `LogChunk`: line i is `text[offsets[i] : offsets[i + 1] - 1]`.
        rows: int64[k], which lines; None means all. Columns have one row for each.
        names: The label names of interest; None means all.

    Returns:
        Columns by label name. A name that is missing is in no regular row; null and arrays are
        absent, as in Loki.
    """
    if rows is not None:
        chosen = PlainLines(text, offsets).take(rows)
        text, offsets = chosen.text, chosen.offsets
    elif len(offsets) and offsets[-1] - offsets[0] != len(text):
        text, offsets = text[offsets[0] : offsets[-1]], offsets - offsets[0]
    wanted = None if names is None else frozenset(names)
    columns, is_done = shaped_fields(text, offsets, wanted)
    starts, ends = offsets[:-1], offsets[1:] - 1
    likely = objects(text, starts, ends)
    if columns:
        likely = likely[~is_done[likely]]
    lines = [
        text[start:end]
        for start, end in zip(starts[likely].tolist(), ends[likely].tolist(), strict=True)
    ]
    found = _Collector(likely, is_done, wanted)
    for block in blocks(lines):
        found.add(block)
    return found.fields(columns)


def objects(text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lines that look like objects from outside: int64[k]."""
    data = np.frombuffer(text, np.uint8)
    filled = np.flatnonzero(ends > starts)
    are_objects = (data[starts[filled]] == _OPEN) & (data[ends[filled] - 1] == _CLOSE)
    found: NDArray[np.int64] = filled[are_objects]
    return found


class Values:
    """Values of one key, coded as they come."""

    __slots__ = ("_codes", "_has_numbers", "_number", "_rows", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._has_numbers = False
        self._number: dict[Any, int] = {None: ABSENT}
        self._codes: list[NDArray[np.int32]] = []
        self._rows: list[NDArray[np.int64]] = []

    def add(self, values: Sequence[Any], rows: NDArray[np.int64]) -> None:
        """Values, None where there is none, of rows."""
        number = self._number
        for value in dict.fromkeys(values):
            if value not in number:
                number[value] = len(number) - 1
                self._has_numbers |= value.__class__ is int
        self._codes.append(np.fromiter(map(number.__getitem__, values), np.int32, len(values)))
        self._rows.append(rows)

    def column(self, count: int, *, may_replace: bool) -> Column:
        """All values as a column of so many rows.

        may_replace: Whether a text may have what stands for bytes that are no UTF-8.
        """
        texts: list[Any] = [value for value in self._number if value is not None]
        codes = np.full(count, ABSENT, dtype=np.int32)
        for rows, part in zip(self._rows, self._codes, strict=True):
            codes[rows] = part
        if not self._has_numbers and not may_replace:
            return Column(codes, texts)
        texts = [text if text.__class__ is str else str(text) for text in texts]
        if may_replace:
            texts = [text.replace(REPLACEMENT, " ") for text in texts]
        if len(set(texts)) == len(texts):
            return Column(codes, texts)
        number: dict[str, int] = {}
        moved = [number.setdefault(text, len(number)) for text in texts]
        return Column(np.array([*moved, ABSENT], dtype=np.int32)[codes], list(number))


class _Collector:
    """Puts blocks together.

    Args:
        likely: int64[line], which rows the lines are.
        is_done: bool[row], which of all rows have been read.
        names: See `json_fields`.
    """

    def __init__(
        self, likely: NDArray[np.int64], is_done: NDArray[np.bool_], names: frozenset[str] | None
    ) -> None:
        self._likely = likely
        self._names = names
        self._is_irregular = ~is_done
        self._may_replace = False
        self._values: dict[Path, Values] = {}
        self._block: Block
        self._rows = likely
        self._keys = 0

    def add(self, block: Block) -> None:
        """Take a block's values."""
        self._block, self._keys = block, 0
        self._rows = self._likely[block.rows]
        joined = block.joined
        self._may_replace |= not joined.isascii() or b"\\uf" in joined or b"\\uF" in joined
        self._add(block.values, np.arange(len(block.values)), (), "")
        block.check_keys(self._keys)
        self._is_irregular[self._rows] = False
        if block.doubtful:
            self._is_irregular[self._rows[list(block.doubtful)]] = True

    def fields(self, columns: dict[str, Column]) -> Fields:
        """All that was found.

        Args:
            columns: What other rows have.
        """
        count = len(self._is_irregular)
        for values in self._values.values():
            column = values.column(count, may_replace=self._may_replace)
            before = columns.get(values.name)
            if before is not None:  # which of two keys with one name comes first is not known
                self._is_irregular |= before.present() & column.present()
                column = column.over(before)
            if column.any():
                columns[values.name] = column
        if self._is_irregular.any():
            columns = {name: c.without(self._is_irregular) for name, c in columns.items()}
        return Fields(columns, np.flatnonzero(self._is_irregular))

    def _add(
        self,
        values: Sequence[dict[str, Any]],
        places: NDArray[np.int64],
        path: Path,
        prefix: str | None,
    ) -> None:
        """Take the values of objects that lie in lines of the block; all their keys are counted.

        prefix: The objects' name; None: no name of interest begins with it.
        """
        self._keys += sum(map(len, values))
        for key, found, at in _by_key(values, self._skipped(prefix)):
            name = None if prefix is None else nested_name(prefix, key)
            where = places if at is None else places[at]
            kinds = set(map(type, found))
            if dict in kinds:
                nested = [place for place, value in enumerate(found) if value.__class__ is dict]
                inner = [found[place] for place in nested]
                leads = self._leads(name)
                self._add(inner, where[nested], (*path, key), name if leads else None)
            if list in kinds:
                self._keys += count_keys([value for value in found if value.__class__ is list])
            if name and (self._names is None or name in self._names):
                scalars = plain_scalars(self._block, key, found, where)
                self._take((*path, key), name, scalars, where)

    def _take(self, path: Path, name: str, found: Sequence[Any], where: NDArray[np.int64]) -> None:
        values = self._values.get(path)
        if values is None:
            values = self._values[path] = Values(name)
        values.add(found, self._rows[where])

    def _skipped(self, prefix: str | None) -> Callable[[str], bool] | None:
        """Keys that need not be looked at, for they are of no interest and nothing is in them."""
        if self._names is None or prefix is None or not self._block.is_flat:
            return None
        names = self._names
        return lambda key: nested_name(prefix, key) not in names

    def _leads(self, name: str | None) -> bool:
        """Whether a name of interest may begin with this one."""
        if name is None or self._names is None:
            return name is not None
        return any(wanted.startswith(name) for wanted in self._names)


def _by_key(
    values: Sequence[dict[str, Any]], is_skipped: Callable[[str], bool] | None
) -> list[tuple[str, list[Any], NDArray[np.int64] | None]]:
    """Keys with their values, and in which of the objects they are (None: all, absent as None)."""
    keys: Iterable[str] = dict.fromkeys(chain.from_iterable(values))
    if is_skipped is not None:
        keys = [key for key in keys if not is_skipped(key)]
    keys = list(keys)
    if len(keys) * len(values) <= _SPARSE * sum(map(len, values)):
        return [(key, [value.get(key) for value in values], None) for key in keys]
    found: dict[str, list[Any]] = {key: [] for key in keys}
    at: dict[str, list[int]] = {key: [] for key in keys}
    for place, value in enumerate(values):
        for key, item in value.items():
            if key in found:
                found[key].append(item)
                at[key].append(place)
    return [(key, found[key], np.array(at[key], dtype=np.int64)) for key in keys]
