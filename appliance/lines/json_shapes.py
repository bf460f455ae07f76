"""Fields of JSON lines of a few shapes, as columns; see `json_shape.py`.

Shapes are learnt from lines here and there until most lines have one of them. Lines with escapes or
control characters, or that are no UTF-8, have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import ABSENT, Column
from appliance.lines.json_shape import Text, learn
from appliance.lines.label_name import REPLACEMENT
from appliance.lines.spans import SpanTexts, code_spans, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from appliance.lines.json_shape import Shape

    Places = NDArray[np.int64]

#: Fewer lines are read one after another as fast.
_MIN_LINES = 64
#: Shapes that are tried, and how many in a row may be of no use: of less than a 64th of the lines.
_MOST_SHAPES, _MOST_FAILURES, _USEFUL = 24, 6, 64
_QUOTE, _BACKSLASH, _BRACE, _BLANK, _NOT_ASCII = ord('"'), ord("\\"), ord("{"), ord(" "), 128


def shaped_fields(
    text: bytes, offsets: Places, names: Collection[str] | None, *, min_lines: int = _MIN_LINES
) -> tuple[dict[str, Column], NDArray[np.bool_]]:
    """What `| json` finds in lines that have a shape.

    Args:
        text, offsets: Lines as in `LogChunk`.
        names: The label names of interest; None means all.
        min_lines: Fewer lines are not looked at.

    Returns:
        Columns by label name; and which lines they tell all about, bool[line].
    """
    count = len(offsets) - 1
    is_done = np.zeros(count, dtype=bool)
    if count < min_lines:
        return {}, is_done
    found = _Spans(text, offsets)
    are_objects = np.frombuffer(text, np.uint8)[offsets[:-1]] == _BRACE
    rest = np.flatnonzero(are_objects & (found.per_line > 0) & ~_odd(text, offsets))
    failures = 0
    for _ in range(_MOST_SHAPES):
        if not len(rest) or failures >= _MOST_FAILURES:
            break
        row = int(rest[len(rest) // 2])
        shape = learn(text[offsets[row] : offsets[row + 1] - 1])
        if shape is None:
            failures += 1
            rest = rest[rest != row]
            continue
        like = rest[found.per_line[rest] == shape.quotes]
        rows = shape.match(found.text, like)
        found.add(shape, rows, names)
        is_done[rows] = True
        failures = 0 if len(rows) * _USEFUL >= count else failures + 1
        rest = rest[~is_done[rest]]
    return found.columns(), is_done


def _odd(text: bytes, offsets: Places) -> NDArray[np.bool_]:
    """Lines with what no line of a shape has: bool[line]."""
    data = np.frombuffer(text, np.uint8)
    is_odd = np.zeros(len(offsets) - 1, dtype=bool)
    controls = np.flatnonzero(data < _BLANK)
    if len(controls) > len(is_odd):  # the newlines at the ends of lines
        rows = np.searchsorted(offsets, controls, side="right") - 1
        is_odd |= np.bincount(rows, minlength=len(is_odd)) > 1
    if b"\\" in text:
        _mark(is_odd, np.flatnonzero(data == _BACKSLASH), offsets)
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError:
            _mark(is_odd, np.flatnonzero(data >= _NOT_ASCII), offsets)
    return is_odd


def _mark(lines: NDArray[np.bool_], places: Places, offsets: Places) -> None:
    lines[np.searchsorted(offsets, places, side="right") - 1] = True


class _Spans:
    """Where the values of labels are.

    Attributes:
        per_line: int64[line], quotes.
    """

    def __init__(self, text: bytes, offsets: Places) -> None:
        quotes = np.flatnonzero(np.frombuffer(text, np.uint8) == _QUOTE)
        bounds = np.searchsorted(quotes, offsets)
        self.per_line: Places = np.diff(bounds)
        self.text = Text(text, words_of(text), offsets[:-1], offsets[1:] - 1, quotes, bounds[:-1])
        self._found: dict[str, list[tuple[Places, Places, Places]]] = {}

    def add(self, shape: Shape, rows: Places, names: Collection[str] | None) -> None:
        """Note the values of lines that have a shape."""
        for value in shape.values:
            if value.name is not None and (names is None or value.name in names):
                spans = shape.spans(value, self.text, rows)
                self._found.setdefault(value.name, []).append(spans)

    def columns(self) -> dict[str, Column]:
        """All that was found, by label name."""
        text = self.text.text
        shown = text.decode("ascii") if text.isascii() else text
        may_replace = REPLACEMENT.encode() in text
        columns = {}
        for name, parts in self._found.items():
            rows, starts, ends = (
                parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
            )
            if not len(rows):
                continue
            codes, first = code_spans(text, self.text.words, starts, ends)
            all_codes = np.full(len(self.per_line), ABSENT, dtype=np.int32)
            values: Sequence[str] = SpanTexts(shown, starts[first], ends[first])
            if may_replace and any(REPLACEMENT in value for value in values):
                values, codes = _cleaned(values, codes)
            all_codes[rows] = codes
            columns[name] = Column(all_codes, values)
        return columns


def _cleaned(
    values: Sequence[str], codes: NDArray[np.int32]
) -> tuple[list[str], NDArray[np.int32]]:
    """Values without what stands for bytes that are no UTF-8, which may make some equal."""
    number: dict[str, int] = {}
    moved = [number.setdefault(value.replace(REPLACEMENT, " "), len(number)) for value in values]
    return list(number), np.array(moved, dtype=np.int32)[codes]
