r"""Fields of many JSON lines at once, as columns.

    json_fields(text, offsets, rows=None, *, names=None) -> Fields

The lines are put into one array with marks between them and read by one call of orjson. Python
dictionaries say less than the lines did: they lose which of two equal keys came first, and how a
number was written. Counts of quotes before colons prove that no key came twice; numbers that may be
written in more than one way are taken from the text. Lines for which this does not work out are
`irregular`: `json_line.walk` has to read them. Everything else is exactly what `walk` finds.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from appliance.lines.column import ABSENT, Column, Fields, coded
from appliance.lines.json_number import is_plain, negative_zero, number_texts
from appliance.lines.label_name import REPLACEMENT, nested_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from numpy.typing import NDArray

#: A key with blanks before its colon, which the count of keys would miss.
_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')
_BACKSLASH_KEY = re.compile(rb'\\\\":')
#: Columns of keys that few lines have are made line by line.
_SPARSE = 8
#: When some lines are broken, those beside them are read in groups of this many.
_GROUP = 64
_OPEN, _CLOSE, _COLON, _QUOTE, _BACKSLASH, _BLANK = b'{}:"\\ '


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
    starts, ends = offsets[:-1], offsets[1:] - 1
    if rows is not None:
        starts, ends = starts[rows], ends[rows]
    likely = _objects(text, starts, ends)
    lines = [
        text[start:end]
        for start, end in zip(starts[likely].tolist(), ends[likely].tolist(), strict=True)
    ]
    batch = _Batch(lines, None if names is None else frozenset(names))
    regular = likely[batch.regular()]
    columns = {}
    for name, column in batch.columns.items():
        codes = np.full(len(starts), ABSENT, dtype=np.int32)
        codes[likely[batch.kept]] = column.codes
        columns[name] = Column(codes, column.values)
    is_irregular = np.ones(len(starts), dtype=bool)
    is_irregular[regular] = False
    if len(regular) < len(batch.kept):
        columns = {name: column.without(is_irregular) for name, column in columns.items()}
    return Fields(columns, np.flatnonzero(is_irregular))


def _objects(text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lines that look like objects from outside: int64[k]."""
    data = np.frombuffer(text, np.uint8)
    filled = np.flatnonzero(ends > starts)
    are_objects = (data[starts[filled]] == _OPEN) & (data[ends[filled] - 1] == _CLOSE)
    found: NDArray[np.int64] = filled[are_objects]
    return found


def _loaded(lines: Sequence[bytes]) -> list[Any] | None:
    """The values of lines; None when they are not one JSON value each.

    A mark between two lines can only be found where it was put: no line holds it, as text or
    escaped, so that no line can pretend to be two, nor two to be one.
    """
    code = _unused_code(lines)
    if code is None:
        return None
    escape = b"\\u%04x" % code
    try:
        values = orjson.loads(b"[" + (b',"%s",' % escape).join(lines) + b"]")
    except orjson.JSONDecodeError:
        return None
    if len(values) != 2 * len(lines) - 1 or values[1::2].count(chr(code)) != len(lines) - 1:
        return None
    found: list[Any] = values[::2]
    return found


def _unused_code(lines: Sequence[bytes]) -> int | None:
    """A character below the blank that no line has, escaped; raw it is no JSON anyway."""
    joined = b"".join(lines)
    for code in range(1, 32):
        escape = b"\\u%04x" % code
        if escape not in joined and escape.upper().replace(b"U", b"u") not in joined:
            return code
    return None


def _loaded_one(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


class _Batch:
    """Lines that look like objects, read.

    Attributes:
        kept: int64[k], which lines could be read.
        columns: By name, one row per line in `kept`.
    """

    def __init__(self, lines: Sequence[bytes], names: frozenset[str] | None) -> None:
        self._names = names
        values = _loaded(lines) if lines else []
        if values is None:
            self.kept, values = _load_parts(lines)
            lines = [lines[row] for row in self.kept.tolist()]
        else:
            self.kept = np.arange(len(lines))
        self._lines = lines
        self._joined = joined = b"\n".join(lines)
        self._irregular = np.zeros(len(lines), dtype=bool)
        self._may_replace = not joined.isascii() or b"\\uf" in joined or b"\\uF" in joined
        self._is_flat = joined.count(b"{") == len(lines) and b"[" not in joined
        self._keys = 0
        self.columns: dict[str, Column] = {}
        self._add_columns(values, np.arange(len(values)), "")
        self._check_keys(values)

    def regular(self) -> NDArray[np.int64]:
        """Which of all lines were read without doubts: int64[k]."""
        found: NDArray[np.int64] = self.kept[~self._irregular]
        return found

    def _check_keys(self, values: Sequence[dict[str, Any]]) -> None:
        """Mark the lines in which a key may come twice.

        As many keys as quotes before colons: none did. A quote within a string has a backslash
        before it, and so has one at the end of a key that itself ends in a backslash.
        """
        joined = self._joined
        data = np.frombuffer(joined, np.uint8)
        colons = data[1:] == _COLON
        ends = colons & (data[:-1] == _QUOTE)
        count = np.count_nonzero(ends)
        is_certain = True  # no line has quotes and colons that make up for those of another
        if (colons & (data[:-1] <= _BLANK)).any():
            self._mark(_SPACED_KEY)
            is_certain = False
        if b"\\" in joined:
            count -= np.count_nonzero(ends[1:] & (data[:-2] == _BACKSLASH))
            if b'\\\\":' in joined:
                self._mark(_BACKSLASH_KEY)
                is_certain = False
        if is_certain and count == self._keys:
            return
        for row, (line, value) in enumerate(zip(self._lines, values, strict=True)):
            if line.count(b'":') - line.count(b'\\":') != _count_keys([value]):
                self._irregular[row] = True

    def _mark(self, pattern: re.Pattern[bytes]) -> None:
        for row, line in enumerate(self._lines):
            if pattern.search(line):
                self._irregular[row] = True

    def _add_columns(
        self, values: Sequence[dict[str, Any]], rows: NDArray[np.int64], prefix: str | None
    ) -> None:
        """Columns of the keys of objects that lie in the given rows; all their keys are counted.

        prefix: The objects' name; None: no name of interest begins with it.
        """
        self._keys += sum(map(len, values))
        for key, found, at in _by_key(values, self._skipped(prefix)):
            name = None if prefix is None else nested_name(prefix, key)
            where = rows if at is None else rows[at]
            kinds = set(map(type, found))
            if dict in kinds:
                nested = [row for row, value in enumerate(found) if value.__class__ is dict]
                inner = [found[row] for row in nested]
                self._add_columns(inner, where[nested], name if self._leads(name) else None)
            if list in kinds:
                self._keys += _count_keys([value for value in found if value.__class__ is list])
            if name and (self._names is None or name in self._names):
                self._put(name, self._column(key, found, kinds, where), where)

    def _skipped(self, prefix: str | None) -> Callable[[str], bool] | None:
        """Keys that need not be looked at, for they are of no interest and nothing is in them."""
        if self._names is None or not self._is_flat or prefix is None:
            return None
        names = self._names
        return lambda key: nested_name(prefix, key) not in names

    def _leads(self, name: str | None) -> bool:
        """Whether a name of interest may begin with this one."""
        if name is None or self._names is None:
            return name is not None
        return any(wanted.startswith(name) for wanted in self._names)

    def _put(self, name: str, column: Column, where: NDArray[np.int64]) -> None:
        codes = np.full(len(self._lines), ABSENT, dtype=np.int32)
        codes[where] = column.codes
        column = Column(codes, column.values)
        before = self.columns.get(name)
        if before is not None:  # another key with the same name: which comes first is not known
            self._irregular |= before.present() & column.present()
            column = column.over(before)
        if column.any():
            self.columns[name] = column

    def _column(
        self, key: str, found: list[Any], kinds: set[type], where: NDArray[np.int64]
    ) -> Column:
        """The texts of a key's values, which are of these kinds: one row each."""
        if kinds & {dict, list}:
            found = [None if value.__class__ in {dict, list} else value for value in found]
        if bool in kinds:
            found = [_shown(value) if value.__class__ is bool else value for value in found]
        column = coded(found)
        if float in kinds or (int in kinds and self._may_be_negative_zero(key, column.values)):
            column = coded(self._with_numbers(key, found, where))
        texts = column.values
        if int in kinds:
            texts = [text if text.__class__ is str else str(text) for text in texts]
        if self._may_replace:
            texts = [text.replace(REPLACEMENT, " ") for text in texts]
        if texts is column.values or len(set(texts)) == len(texts):
            return Column(column.codes, texts)
        return _recoded(column.codes, texts)

    def _may_be_negative_zero(self, key: str, values: Sequence[Any]) -> bool:
        if 0 not in values or b"-0" not in self._joined:
            return False
        return not is_plain(key) or negative_zero(key).search(self._joined) is not None

    def _with_numbers(self, key: str, found: list[Any], where: NDArray[np.int64]) -> list[Any]:
        """The values with numbers as they are written; doubtful lines get None and are marked."""
        lines = self._lines
        if len(where) != len(lines):
            lines = [lines[row] for row in where.tolist()]
        texts, doubtful = number_texts(key, found, lines)
        if doubtful:
            self._irregular[where[doubtful]] = True
        return texts


def _load_parts(lines: Sequence[bytes]) -> tuple[NDArray[np.int64], list[Any]]:
    """The lines that can be read, and their values, when some cannot."""
    kept: list[int] = []
    values: list[Any] = []
    for start in range(0, len(lines), _GROUP):
        part = lines[start : start + _GROUP]
        found = _loaded(part)
        if found is not None:
            kept.extend(range(start, start + len(part)))
            values.extend(found)
            continue
        for row, line in enumerate(part, start):
            single = _loaded_one(line)
            if single is not None:
                kept.append(row)
                values.append(single)
    return np.array(kept, dtype=np.int64), values


def _count_keys(values: Sequence[Any]) -> int:
    """Keys of objects and of all that they hold."""
    total = 0
    level: list[Any] = list(values)
    while level:
        objects = [value for value in level if value.__class__ is dict]
        total += sum(map(len, objects))
        inner: list[Iterable[Any]] = [value.values() for value in objects]
        inner += [value for value in level if value.__class__ is list]
        level = [
            value
            for value in chain.from_iterable(inner)
            if value.__class__ is dict or value.__class__ is list
        ]
    return total


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
    for row, value in enumerate(values):
        for key, item in value.items():
            if key in found:
                found[key].append(item)
                at[key].append(row)
    return [(key, found[key], np.array(at[key], dtype=np.int64)) for key in keys]


def _shown(value: bool) -> str:  # noqa: FBT001 - a value of JSON
    return "true" if value else "false"


def _recoded(codes: NDArray[np.int32], texts: Sequence[str]) -> Column:
    """A column whose values are not distinct, made one."""
    number: dict[str, int] = {}
    moved = [number.setdefault(text, len(number)) for text in texts]
    table = np.array([*moved, ABSENT], dtype=np.int32)
    return Column(table[codes], list(number))
