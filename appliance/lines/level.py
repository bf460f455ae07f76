"""`detected_level` of many entries at once; `level_line.py` says how it is found in one line.

Lines are looked at all together: where the usual key is found in its usual form, the level is read
from eight bytes behind it; where no level's name occurs, there is none. The rest goes line by line.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.re2 import Pattern
from appliance.lines.column import Column
from appliance.lines.level_line import (
    BEFORE_WORD,
    BEHIND_WORD,
    FIELDS,
    NAMES,
    UNKNOWN,
    WORDS,
    level_of_line,
    level_of_severity,
    normal_level,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.log import Metadata, MetadataColumn

_LEVEL = "detected_level"
_OPEN, _ODD = -1, -2
_IN_JSON, _IN_LOGFMT = b'"level":', b"level="
#: What many loggers begin lines with; eight bytes.
_FIRST_IN_JSON = b'{"level"'
_COLON = ord(":")
_BACKSLASH, _QUOTE, _BRACE_OPEN, _BRACE_CLOSE, _SPACE = (
    ord("\\"),
    ord('"'),
    ord("{"),
    ord("}"),
    ord(" "),
)
_OTHER_KEYS = (
    r'"(?:LEVEL|Level|log\.level|severity|SEVERITY|Severity|SeverityText|lvl|LVL|Lvl'
    r'|severity_text|Severity_Text|SEVERITY_TEXT|level"\s)'
)
_KEY_IN_LOGFMT = r"(?i)(?:level|severity|severitytext|severity_text|lvl)="
_NAMES_OF_LEVELS = r"(?i)trace|debug|fatal|critical|err|warn|info"


#: By byte, whether it is one of some.
_BEFORE_WORD, _BEHIND_WORD = (
    np.isin(np.arange(256), np.frombuffer(chars, np.uint8)) for chars in (BEFORE_WORD, BEHIND_WORD)
)


def detect_levels(
    text: bytes, offsets: NDArray[np.int64], labels: Labels, metadata: MetadataColumn | None
) -> Column:
    """The level of each entry of a stream; every row has one.

    Args:
        text, offsets: As in `LogChunk`.
        labels: The stream's; a level there holds for all entries.
        metadata: Structured metadata by entry.
    """
    count = len(offsets) - 1
    fixed = _among(dict(labels))
    levels = _Levels()
    if metadata is None and fixed is not None:
        return Column(np.full(count, levels.code(fixed), np.int32), levels.names)
    codes = np.full(count, _OPEN, dtype=np.int32)
    if metadata is not None:
        given = [_of_metadata(pairs, fixed) for pairs in metadata.distinct]
        by_set = [_OPEN if one is None else levels.code(one) for one in given]
        codes = np.array(by_set, dtype=np.int32)[metadata.ids]
    rows = np.flatnonzero(codes == _OPEN)
    if len(rows):
        codes[rows] = _Scan(text, offsets, rows, levels).codes()
    return Column(codes, levels.names)


class _Levels:
    """Names of levels by code, in the order in which they are met."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._codes: dict[str, int] = {}

    def code(self, name: str) -> int:
        """The code of a level."""
        found = self._codes.setdefault(name, len(self.names))
        if found == len(self.names):
            self.names.append(name)
        return found


def _among(pairs: Mapping[str, str]) -> str | None:
    """The level that labels tell."""
    for field in FIELDS:
        if field in pairs:
            return normal_level(pairs[field])
    return None


def _of_metadata(metadata: Metadata, fixed: str | None) -> str | None:
    """The level of entries with this metadata; None: the line tells."""
    pairs = dict(metadata)
    if _LEVEL in pairs:
        return normal_level(pairs[_LEVEL])
    found = fixed or _among(pairs)
    if found is None and pairs.get("severity_number"):
        return level_of_severity(pairs["severity_number"])
    return found


class _Scan:
    """Levels of lines that only the lines tell.

    Args:
        rows: int64[row], ascending: the lines of interest.
    """

    def __init__(
        self, text: bytes, offsets: NDArray[np.int64], rows: NDArray[np.int64], levels: _Levels
    ) -> None:
        self._levels = levels
        if len(rows) != len(offsets) - 1:
            spans = zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)
            text = b"".join([text[start:end] for start, end in spans])
            lengths = offsets[rows + 1] - offsets[rows]
            offsets = np.concatenate(([0], np.cumsum(lengths)))
        self._text, self._offsets = text, offsets
        padded = np.frombuffer(b"\n" + text + bytes(8), np.uint8)
        #: One byte ahead of the text, so that there is something before the first one.
        self._bytes = padded
        self._words = np.ndarray((len(text) + 1,), "<u8", padded.data, offset=1, strides=(1,))

    def codes(self) -> NDArray[np.int32]:
        """A level's code for each line: int32[row]."""
        offsets, data = self._offsets, self._bytes
        starts, lasts = offsets[:-1], offsets[1:] - 2
        first, last = data[starts + 1], data[lasts + 1]
        is_json = (first == _BRACE_OPEN) & (last == _BRACE_CLOSE)
        found = np.full(len(starts), _OPEN, dtype=np.int32)
        found[(first <= _SPACE) | (last <= _SPACE) | (first > 127) | (last > 127)] = _ODD
        is_usual = is_json & self._begin_with_level(starts)
        rows = np.flatnonzero(is_usual)
        self._read_values(found, rows, starts[rows] + len(_FIRST_IN_JSON) + 2, b'"')
        self._read_json(found, is_json & ~is_usual)
        if not is_json.all():
            self._read_logfmt(found, is_json)
        self._read_words(found)
        for row in np.flatnonzero(found == _ODD).tolist():
            found[row] = self._levels.code(level_of_line(self._line(row)))
        return found

    def _begin_with_level(self, starts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Lines whose first key is the usual one, with a string: nothing else counts."""
        head = np.uint64(int.from_bytes(_FIRST_IN_JSON, "little"))
        behind = starts + len(_FIRST_IN_JSON) + 1  # `_bytes` is one ahead
        limit = len(self._bytes) - 2
        colons = self._bytes[np.minimum(behind, limit)] == _COLON
        quotes = self._bytes[np.minimum(behind, limit) + 1] == _QUOTE
        found: NDArray[np.bool_] = (self._words[starts] == head) & colons & quotes
        return found

    def _line(self, row: int) -> bytes:
        return self._text[self._offsets[row] : self._offsets[row + 1] - 1]

    def _read_json(self, found: NDArray[np.int32], is_json: NDArray[np.bool_]) -> None:
        """Read lines with the usual key; those with other keys, or deep ones, are odd."""
        if not is_json.any():
            return
        self._mark(found, _OTHER_KEYS, is_json)
        places = self._places(self._text, _IN_JSON)
        rows, first, times = np.unique(self._rows(places), return_index=True, return_counts=True)
        places, twice = places[first], rows[times > 1]
        braces = np.flatnonzero(self._bytes == _BRACE_OPEN) - 1
        before = np.searchsorted(braces, places) - np.searchsorted(braces, self._offsets[rows])
        escapes = np.flatnonzero(self._bytes == _BACKSLASH) - 1
        escaped = np.searchsorted(escapes, places) > np.searchsorted(escapes, self._offsets[rows])
        usual = is_json[rows] & (found[rows] == _OPEN)
        is_odd = escaped | (before > 1)
        found[rows[usual & is_odd]] = _ODD
        usual &= ~is_odd
        rows, values = rows[usual], places[usual] + len(_IN_JSON)
        # `_bytes` is one ahead: there lies what is at the place behind the colon.
        values += self._bytes[values + 1] == _SPACE
        is_text = self._bytes[values + 1] == _QUOTE
        several = np.isin(rows, twice) | (self._bytes[values + 1] <= _SPACE)
        found[rows[~is_text & several]] = _ODD
        self._read_values(found, rows[is_text], values[is_text] + 1, b'"')

    def _read_logfmt(self, found: NDArray[np.int32], is_json: NDArray[np.bool_]) -> None:
        """Read lines whose first key of interest is the usual one, before any quoted value."""
        low = self._text.lower()
        places = self._places(low, _IN_LOGFMT)
        rows, first = np.unique(self._rows(places), return_index=True)
        places = places[first]
        usual = ~is_json[rows] & (found[rows] == _OPEN)
        rows, places = rows[usual], places[usual]
        quotes = np.flatnonzero(self._bytes == _QUOTE) - 1
        quoted = np.searchsorted(quotes, places) > np.searchsorted(quotes, self._offsets[rows])
        is_odd = quoted | (self._bytes[places] > _SPACE)
        found[rows[is_odd]] = _ODD
        values = places[~is_odd] + len(_IN_LOGFMT)
        self._read_values(found, rows[~is_odd], values, b" \t\n")
        left = ~is_json & (found == _OPEN)
        left[rows] = False
        if left.any():
            self._mark(found, _KEY_IN_LOGFMT, left)

    def _read_values(
        self,
        found: NDArray[np.int32],
        rows: NDArray[np.int64],
        places: NDArray[np.int64],
        ends: bytes,
    ) -> None:
        """Take the levels that stand at some places; longer words make their lines odd."""
        words, inverse = np.unique(self._words[places], return_inverse=True)
        codes = np.empty(len(words), dtype=np.int32)
        for number, word in enumerate(words.tolist()):
            raw = word.to_bytes(8, "little")
            end = min((at for at in map(raw.find, _single(ends)) if at >= 0), default=-1)
            value = raw[:end]
            if end < 0 or b"\\" in value or b'"' in value:
                codes[number] = _ODD
            else:
                name = NAMES.get(value.lower())
                codes[number] = _OPEN if name is None else self._levels.code(name)
        found[rows] = codes[inverse]

    def _read_words(self, found: NDArray[np.int32]) -> None:
        """Find levels' names as words in the lines that are left."""
        left = found == _OPEN
        if not left.any():
            return
        found[left] = self._levels.code(UNKNOWN)
        if _pattern(_NAMES_OF_LEVELS).search(self._text) is None:
            return
        low, first_at = self._text.lower(), np.full(len(found), len(self._text))
        for word in WORDS:
            places = self._places(low, word)
            # `_bytes` is one ahead.
            alone = _BEFORE_WORD[self._bytes[places]]
            alone &= _BEHIND_WORD[self._bytes[places + len(word) + 1]]
            rows, first = np.unique(self._rows(places[alone]), return_index=True)
            places = places[alone][first]
            earlier = left[rows] & (places < first_at[rows])
            found[rows[earlier]] = self._levels.code(NAMES[word])
            first_at[rows[earlier]] = places[earlier]

    def _mark(self, found: NDArray[np.int32], pattern: str, where: NDArray[np.bool_]) -> None:
        """Lines with an expression are odd."""
        rows = np.array(self._hits(pattern), dtype=np.int64)
        rows = rows[where[rows] & (found[rows] == _OPEN)]
        found[rows] = _ODD

    def _hits(self, pattern: str) -> list[int]:
        """Rows in which an expression is found that cannot reach over the end of a line."""
        search, text, places, at = _pattern(pattern).search, self._text, [], 0
        while (match := search(text, at)) is not None:
            places.append(match.start())
            at = text.index(b"\n", match.end()) + 1
        rows: list[int] = self._rows(np.array(places, dtype=np.int64)).tolist()
        return rows

    def _places(self, text: bytes, needle: bytes) -> NDArray[np.int64]:
        """Where a string occurs: int64[k], ascending."""
        pieces = text.split(needle)
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        found: NDArray[np.int64] = np.cumsum(lengths[:-1] + len(needle)) - len(needle)
        return found

    def _rows(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = np.searchsorted(self._offsets, places, side="right") - 1
        return found


@functools.cache
def _pattern(text: str) -> Pattern:
    return Pattern(text)


def _single(chars: bytes) -> list[bytes]:
    return [chars[at : at + 1] for at in range(len(chars))]
