"""Fields of many logfmt lines at once, as columns.

    logfmt_fields(text, offsets, rows=None, *, names=None) -> Fields

A line is regular when it is made of `key=value` and `key="value"` alone, with blanks between them,
nothing to unescape, and no key twice. Whether it is, is seen from where its quotes, equals signs
and blanks are; then a few calls split the text of all regular lines. All others are `irregular`:
`logfmt_line.pairs` has to read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import ABSENT, Column, Fields
from appliance.lines.label_name import REPLACEMENT, sanitized

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

_NEWLINE, _BLANK, _QUOTE, _EQUALS, _BACKSLASH = b'\n "=\\'
#: What stands for a blank and an equals sign within quotes; lines that have these are irregular.
_HIDE = bytes.maketrans(b" =", b"\x01\x02")
_SHOW = bytes.maketrans(b"\x01\x02", b" =")


def logfmt_fields(
    text: bytes,
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64] | None = None,
    *,
    names: Collection[str] | None = None,
    keeps_empty: bool = False,
) -> Fields:
    """What `| logfmt` finds in lines, before `_extracted` is put to names.

    Args:
        text, offsets: Lines as in `LogChunk`: line i is `text[offsets[i] : offsets[i + 1] - 1]`.
        rows: int64[k], which lines; None means all. Columns have one row for each.
        names: The label names of interest; None means all.
        keeps_empty: As Loki with `--keep-empty`; else empty values are absent.

    Returns:
        Columns by label name. A name that is missing is in no regular row.
    """
    if rows is not None:
        text, offsets = _gathered(text, offsets, rows)
    elif len(offsets) and offsets[-1] - offsets[0] != len(text):
        text, offsets = text[offsets[0] : offsets[-1]], offsets - offsets[0]
    count = len(offsets) - 1
    regular = _regular(text, offsets) if count else np.zeros(0, dtype=bool)
    chosen = np.flatnonzero(regular)
    if len(chosen) < count:
        text, offsets = _gathered(text, offsets, chosen)
    columns, doubtful = _columns(text, offsets, names)
    found = {}
    for name, (where, column) in columns.items():
        codes = np.full(count, ABSENT, dtype=np.int32)
        codes[chosen[where]] = column.codes
        if not keeps_empty and "" in column.values:
            codes[codes == column.values.index("")] = ABSENT
        found[name] = Column(codes, column.values)
    if len(doubtful):
        regular[chosen[doubtful]] = False
        found = {name: column.without(~regular) for name, column in found.items()}
    return Fields(found, np.flatnonzero(~regular))


def _gathered(
    text: bytes, offsets: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[bytes, NDArray[np.int64]]:
    """Some lines, one after the other, with their new offsets."""
    starts, ends = offsets[rows], offsets[rows + 1]
    pieces = [text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    found = np.zeros(len(rows) + 1, dtype=np.int64)
    (ends - starts).cumsum(out=found[1:])
    return b"".join(pieces), found


def _regular(text: bytes, offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which lines are regular, but for keys that come twice: bool[line]."""
    data = np.frombuffer(text, np.uint8)
    is_odd = data < _BLANK  # no byte of a regular line
    is_odd[offsets[1:] - 1] = False
    if b"\\" in text:
        is_odd |= data == _BACKSLASH
    if not text.isascii():
        _mark_replacements(text, data, is_odd)
    regular: NDArray[np.bool_] = _counts(is_odd, offsets) == 0

    quotes = np.flatnonzero(data == _QUOTE)
    is_blank = data <= _BLANK
    equals = np.flatnonzero(data == _EQUALS)
    if len(quotes):
        line_of = np.searchsorted(offsets, quotes, side="right") - 1
        per_line = np.bincount(line_of, minlength=len(offsets) - 1)
        regular &= per_line % 2 == 0
        # Among the quotes of even lines every other one opens.
        even = per_line[line_of] % 2 == 0
        quotes, line_of = quotes[even], line_of[even]
        opening, closing = quotes[::2], quotes[1::2]
        wrong = (data[opening - 1] != _EQUALS) | ~is_blank[closing + 1]
        wrong |= opening == 0
        regular[line_of[::2][wrong]] = False
        is_blank, equals = _outside(is_blank, equals, opening, closing)
    regular &= _made_of_pairs(is_blank, equals, offsets)
    return regular


def _mark_replacements(text: bytes, data: NDArray[np.uint8], is_odd: NDArray[np.bool_]) -> None:
    """Mark what is no UTF-8, or stands for it."""
    try:
        is_clean = REPLACEMENT not in text.decode()
    except UnicodeDecodeError:
        is_clean = False
    if not is_clean:
        is_odd |= data >= 0x80


def _counts(marks: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Marks per line: int64[line]."""
    places = np.flatnonzero(marks)
    found: NDArray[np.int64] = np.diff(np.searchsorted(places, offsets))
    return found


def _outside(
    is_blank: NDArray[np.bool_],
    equals: NDArray[np.int64],
    opening: NDArray[np.int64],
    closing: NDArray[np.int64],
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Blanks and equals signs that are not between quotes."""
    steps = np.zeros(len(is_blank) + 1, dtype=np.int8)
    steps[opening] = 1
    steps[closing] = -1
    is_quoted = steps[:-1].cumsum(dtype=np.int8).astype(bool)
    return is_blank & ~is_quoted, equals[~is_quoted[equals]]


def _made_of_pairs(
    is_blank: NDArray[np.bool_], equals: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Lines in which each word has one equals sign, and not at its start: bool[line]."""
    is_start = ~is_blank
    is_start[1:] &= is_blank[:-1]
    starts = np.flatnonzero(is_start)
    regular = np.ones(len(offsets) - 1, dtype=bool)
    if len(starts) == len(equals) and (starts < equals).all() and (equals[:-1] < starts[1:]).all():
        return regular
    first = np.searchsorted(equals, starts)
    following = np.append(first[1:], len(equals))
    wrong = following - first != 1
    candidate = equals[np.minimum(first, max(len(equals) - 1, 0))] if len(equals) else starts
    wrong |= candidate == starts
    regular[np.searchsorted(offsets, starts[wrong], side="right") - 1] = False
    return regular


def _columns(
    text: bytes, offsets: NDArray[np.int64], names: Collection[str] | None
) -> tuple[dict[str, tuple[NDArray[np.int64], Column]], NDArray[np.int64]]:
    """Columns of regular lines by label name, with the lines that they are of.

    Returns:
        The columns; and lines with a key twice: int64[k].
    """
    if b'"' in text:
        pieces = text.split(b'"')
        pieces[1::2] = [piece.translate(_HIDE) for piece in pieces[1::2]]
        text = b"".join(pieces)
    words = text.replace(b"=", b" =").split()
    keys = words[::2]
    values = np.array(words[1::2], dtype=object)
    per_line = _pairs_per_line(text)
    line_of = np.repeat(np.arange(len(offsets) - 1), per_line)
    number, codes = _coded_keys(keys, per_line)
    found: dict[str, tuple[NDArray[np.int64], Column]] = {}
    doubtful = [np.zeros(0, dtype=np.int64)]
    for key, code in number.items():
        name = sanitized(key.decode())
        if not name or (names is not None and name not in names):
            continue
        chosen = np.flatnonzero(codes == code)
        where = line_of[chosen]
        doubtful.append(where[1:][where[1:] == where[:-1]])
        column = _value_column(values[chosen].tolist())
        if name in found:
            doubtful.append(np.intersect1d(found[name][0], where))
            where, column = _joined(found[name], (where, column))
        found[name] = (where, column)
    return found, np.unique(np.concatenate(doubtful))


def _coded_keys(
    keys: list[bytes], per_line: NDArray[np.int64]
) -> tuple[dict[bytes, int], NDArray[np.int32]]:
    """Numbers of the distinct keys, and of each key: int32[key]."""
    count = int(per_line[0]) if len(per_line) else 0
    if count and keys[count:] == keys[:-count] and len(set(keys[:count])) == count:
        # The keys of the first line come again and again.
        number = {key: code for code, key in enumerate(keys[:count])}
        return number, np.resize(np.arange(count, dtype=np.int32), len(keys))
    number = {key: code for code, key in enumerate(dict.fromkeys(keys))}
    return number, np.fromiter(map(number.__getitem__, keys), np.int32, len(keys))


def _pairs_per_line(text: bytes) -> NDArray[np.int64]:
    """Equals signs of each line: int64[line]; quoted ones are hidden, so none holds a newline."""
    data = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    found: NDArray[np.int64] = np.diff(
        np.searchsorted(np.flatnonzero(data == _EQUALS), ends), prepend=0
    )
    return found


def _value_column(values: Sequence[bytes]) -> Column:
    """Values with the equals sign before them, as a column."""
    number = {value: code for code, value in enumerate(dict.fromkeys(values))}
    codes = np.fromiter(map(number.__getitem__, values), np.int32, len(values))
    texts = [value[1:].translate(_SHOW).decode() for value in number]
    return Column(codes, texts)


def _joined(
    one: tuple[NDArray[np.int64], Column], other: tuple[NDArray[np.int64], Column]
) -> tuple[NDArray[np.int64], Column]:
    """Two columns of the same name, of different lines."""
    where = np.concatenate([one[0], other[0]])
    texts = list(dict.fromkeys([*one[1].values, *other[1].values]))
    number = {text: code for code, text in enumerate(texts)}
    moved = np.array([number[text] for text in other[1].values] + [ABSENT], dtype=np.int32)
    codes = np.concatenate([one[1].codes, moved[other[1].codes]])
    order = np.argsort(where, kind="stable")
    return where[order], Column(codes[order], texts)
