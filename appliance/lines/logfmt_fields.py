"""Fields of many logfmt lines at once, as columns.

    logfmt_fields(text, offsets, rows=None, *, names=None) -> Fields

A line is regular when it is made of `key=value` and `key="value"` alone, with blanks between them,
nothing to unescape, and no key twice. Whether it is, is seen from where its quotes, equals signs
and blanks are, and so are the keys and values of all regular lines. All others are `irregular`:
`logfmt_line.pairs` has to read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from appliance.lines.column import ABSENT, Column, Fields
from appliance.lines.label_name import REPLACEMENT, sanitized
from appliance.lines.spans import SpanTexts, code_spans, words_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from appliance.lines.spans import Words

_BLANK, _QUOTE, _EQUALS, _BACKSLASH = b' "=\\'


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
    if not count:
        return Fields({}, np.zeros(0, dtype=np.int64))
    regular, words = _regular(text, offsets)
    columns, doubtful = _columns(text, words, names)
    found = {}
    for name, (where, column) in columns.items():
        codes = np.full(count, ABSENT, dtype=np.int32)
        codes[where] = column.codes
        if not keeps_empty and "" in column.values:
            codes[codes == column.values.index("")] = ABSENT
        found[name] = Column(codes, column.values)
    if len(doubtful):
        regular[doubtful] = False
        found = {name: column.without(~regular) for name, column in found.items()}
    return Fields(found, np.flatnonzero(~regular))


class _Words(NamedTuple):
    """The words of regular lines: int64[word], each.

    Attributes:
        starts, ends: Where they are.
        equals: The equals sign within each.
        lines: Which line they are of.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    equals: NDArray[np.int64]
    lines: NDArray[np.int64]


def _gathered(
    text: bytes, offsets: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[bytes, NDArray[np.int64]]:
    """Some lines, one after the other, with their new offsets."""
    starts, ends = offsets[rows], offsets[rows + 1]
    pieces = [text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    found = np.zeros(len(rows) + 1, dtype=np.int64)
    (ends - starts).cumsum(out=found[1:])
    return b"".join(pieces), found


def _regular(text: bytes, offsets: NDArray[np.int64]) -> tuple[NDArray[np.bool_], _Words]:
    """Which lines are regular, but for keys that come twice, bool[line]; and their words."""
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
    edges = np.flatnonzero(is_blank[1:] != is_blank[:-1]) + 1
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
        # Between two quotes there is an even number of edges.
        edges, equals = _outside(edges, opening, closing), _outside(equals, opening, closing)
    if not is_blank[0]:
        edges = np.concatenate(([0], edges))
    starts, ends = edges[::2], edges[1::2]
    line_of = np.searchsorted(offsets, starts, side="right") - 1
    regular &= _made_of_pairs(starts, line_of, equals, offsets)
    if not regular.all():
        kept = regular[line_of]
        starts, ends, line_of = starts[kept], ends[kept], line_of[kept]
        equals = equals[regular[np.searchsorted(offsets, equals, side="right") - 1]]
    return regular, _Words(starts, ends, equals, line_of)


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
    places: NDArray[np.int64], opening: NDArray[np.int64], closing: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Places, ascending, that are not behind an opening quote, up to the closing one."""
    low = np.searchsorted(places, opening, side="right")
    high = np.searchsorted(places, closing, side="right")
    if (low == high).all():
        return places
    count = len(places) + 1
    steps = np.bincount(low, minlength=count) - np.bincount(high, minlength=count)
    found: NDArray[np.int64] = places[steps[:-1].cumsum() == 0]
    return found


def _made_of_pairs(
    starts: NDArray[np.int64],
    line_of: NDArray[np.int64],
    equals: NDArray[np.int64],
    offsets: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Lines in which each word has one equals sign, and not at its start: bool[line].

    Args:
        starts, line_of: Of words; equals: signs outside quotes.
    """
    regular = np.ones(len(offsets) - 1, dtype=bool)
    if len(starts) == len(equals) and (starts < equals).all() and (equals[:-1] < starts[1:]).all():
        return regular
    first = np.searchsorted(equals, starts)
    following = np.append(first[1:], len(equals))
    wrong = following - first != 1
    candidate = equals[np.minimum(first, max(len(equals) - 1, 0))] if len(equals) else starts
    wrong |= candidate == starts
    regular[line_of[wrong]] = False
    return regular


def _columns(
    text: bytes, found_words: _Words, names: Collection[str] | None
) -> tuple[dict[str, tuple[NDArray[np.int64], Column]], NDArray[np.int64]]:
    """Columns of regular lines by label name, with the lines that they are of.

    Returns:
        The columns; and lines with a key twice: int64[k].
    """
    starts, ends, equals, line_of = found_words
    words = words_of(text)
    codes, first = code_spans(text, words, starts, equals)
    found: dict[str, tuple[NDArray[np.int64], Column]] = {}
    doubtful = [np.zeros(0, dtype=np.int64)]
    for code, place in enumerate(first.tolist()):
        name = sanitized(text[starts[place] : equals[place]].decode())
        if not name or (names is not None and name not in names):
            continue
        chosen = np.flatnonzero(codes == code)
        where = line_of[chosen]
        doubtful.append(where[1:][where[1:] == where[:-1]])
        column = _value_column(text, words, equals[chosen] + 1, ends[chosen])
        if name in found:
            doubtful.append(np.intersect1d(found[name][0], where))
            where, column = _joined(found[name], (where, column))
        found[name] = (where, column)
    return found, np.unique(np.concatenate(doubtful))


def _value_column(
    text: bytes, words: Words, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> Column:
    """Values of a key, without the quotes around them, as a column."""
    quoted = np.frombuffer(text, np.uint8)[starts] == _QUOTE
    if quoted.any():
        starts, ends = starts + quoted, ends - quoted
    codes, first = code_spans(text, words, starts, ends)
    return Column(codes, SpanTexts(text, starts[first], ends[first]))


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
