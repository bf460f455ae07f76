"""OpenMetrics text with timestamps, block after block: samples as columns.

The model is `promtool tsdb create-blocks-from openmetrics`: every sample has a time, of any age and
in any order; the text ends with `# EOF`. A known series is recognised by the bytes in front of its
value, so that labels are read once; a block that cannot be read so is read again line by line.

# Differs from Prometheus: labels stay as they are written (`le="1"` does not become `le="1.0"`),
# and times are rounded to the nearest millisecond where they miss one by less than a thousandth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, NoReturn

import numpy as np

from appliance.base.errors import BadInput
from appliance.model.exemplar import Exemplar
from appliance.model.sample import STALE, MetricMetadata
from appliance.transfer.lines import Lines
from appliance.wire.exposition.line import parse_exemplar, parse_metadata, parse_sample
from appliance.wire.exposition.result import SeriesRows
from appliance.wire.numbers import parse_floats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.wire.exposition.line import ExposedExemplar

#: How a staleness marker is written: any parser reads it as NaN, and nobody else spells NaN so.
STALE_TEXT = b"nAn"
BLOCK_BYTES = 8 << 20
_EOF = b"# EOF"
_MAX_SECONDS = 2**63 / 1000
#: A time is taken for a whole millisecond when it is so near to one, in milliseconds.
_NEAR_MS = 1e-3


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples of one block.

    Attributes:
        rows: int64[sample], into `OpenMetricsReader.labels`.
        times: int64[sample], milliseconds. values: float64[sample].
        exemplars: (row, exemplar).
        bytes: Of text.
    """

    rows: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    exemplars: list[tuple[int, Exemplar]]
    bytes: int


@dataclass(slots=True)
class _Odd:
    """Samples of lines that are not a known series and two words.

    Attributes:
        lines: Their numbers in the block.
        exemplars: (row, exemplar, time of its sample in milliseconds).
    """

    lines: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    seconds: list[bytes] = field(default_factory=list)
    exemplars: list[tuple[int, ExposedExemplar, int]] = field(default_factory=list)

    def add(self, line: int, row: int, value: bytes, seconds: bytes) -> None:
        self.lines.append(line)
        self.rows.append(row)
        self.values.append(value)
        self.seconds.append(seconds)


class OpenMetricsReader:
    """One pass over a file.

    Args:
        file: The text.
        name: Of the file, for messages.
        block_bytes: How much is read at a time.

    Attributes:
        metadata: By family, complete at the end.
    """

    def __init__(self, file: IO[bytes], name: str, *, block_bytes: int = BLOCK_BYTES) -> None:
        self._file = file
        self._name = name
        self._block_bytes = block_bytes
        self._series = SeriesRows()
        self._known: dict[bytes, int] = {}
        self._fields: dict[str, dict[str, str]] = {}
        self._line = 0
        self._is_over = False

    @property
    def labels(self) -> list[Labels]:
        """Labels by row; grows."""
        return self._series.labels

    @property
    def metadata(self) -> dict[str, MetricMetadata]:
        """What the text says of its families."""
        return {name: MetricMetadata(**fields) for name, fields in self._fields.items()}

    def batches(self) -> Iterator[Batch]:
        """The samples, in the order of the text.

        Raises:
            BadInput: `file:line: what is wrong`; what came before has been handed out.
        """
        rest = b""
        while data := self._file.read(self._block_bytes):
            whole, newline, rest_now = (rest + data).rpartition(b"\n")
            rest = rest_now
            if newline:
                yield self._batch(whole + newline)
        if rest:
            yield self._batch(rest + b"\n")
        if not self._is_over:
            self._refuse(self._line + 1, "data does not end with # EOF")

    def _batch(self, text: bytes) -> Batch:
        lines = Lines.of(text)
        was_over = self._is_over
        try:
            found = self._read(lines, is_trusting=True)
        except BadInput:  # says where, or finds that a line is only written differently
            self._is_over = was_over
            found = self._read(lines, is_trusting=False)
        self._line += len(lines)
        return found

    def _read(self, lines: Lines, *, is_trusting: bool) -> Batch:
        rows = np.full(len(lines), -1, dtype=np.int64)
        if is_trusting:
            prefixes = lines.prefixes()
            for prefix in dict.fromkeys(prefixes):
                if prefix not in self._known:
                    self._learn(prefix)
            get = self._known.get
            rows = np.array([get(prefix, -1) for prefix in prefixes], dtype=np.int64)
        odd = _Odd()
        for number in np.flatnonzero(rows < 0).tolist():
            self._read_odd(number, lines, odd, is_trusting=is_trusting)
        if self._is_over and (len(rows) and rows[-1] >= 0):
            self._refuse(self._line + len(lines), "unexpected data after # EOF")
        usual = rows >= 0
        value_text, time_text = lines.words(usual)
        values, times = _values(value_text), _milliseconds(parse_floats(time_text))
        chosen = rows[usual]
        if odd.lines:
            chosen = np.concatenate([chosen, np.array(odd.rows, dtype=np.int64)])
            values = np.concatenate([values, _values(_joined(odd.values))])
            times = np.concatenate([times, _milliseconds(parse_floats(_joined(odd.seconds)))])
            order = np.argsort(np.concatenate([np.flatnonzero(usual), odd.lines]), kind="stable")
            chosen, values, times = chosen[order], values[order], times[order]
        exemplars = [
            (row, Exemplar(one.labels, one.value, _time_of(one, time_ms)))
            for row, one, time_ms in odd.exemplars
        ]
        return Batch(chosen, times, values, exemplars, len(lines.text))

    def _read_odd(self, number: int, lines: Lines, odd: _Odd, *, is_trusting: bool) -> None:
        """A line that is not a known series with value and time."""
        line = lines.line(number)
        place = self._line + number + 1
        if self._is_over:
            self._refuse(place, "unexpected data after # EOF")
        if line == _EOF:
            self._is_over = True
            return
        try:
            if line.startswith(b"#"):
                self._read_comment(line)
            elif not is_trusting or not self._read_known(number, line, odd):
                self._read_new(number, line, odd)
        except UnicodeDecodeError:
            self._refuse(place, "invalid UTF-8")
        except BadInput as error:
            shown = line[:120].decode("utf-8", "replace")
            self._refuse(place, f"{error.message} while parsing {shown!r}")

    def _read_comment(self, line: bytes) -> None:
        found = parse_metadata(line.decode(), openmetrics=True)
        if found is not None:
            kind, name, text = found
            self._fields.setdefault(name, {})[kind] = text

    def _read_known(self, number: int, line: bytes, odd: _Odd) -> bool:
        """A known series with an exemplar."""
        body, mark, exemplar = line.partition(b" # {")
        words = body.rsplit(b" ", 2)
        row = self._known.get(words[0]) if len(words) == 3 and mark else None
        if row is None:
            return False
        found = parse_exemplar("{" + exemplar.decode())
        time_ms = int(_milliseconds(parse_floats(words[2] + b"\n"))[0])
        odd.exemplars.append((row, found, time_ms))
        odd.add(number, row, words[1], words[2])
        return True

    def _read_new(self, number: int, line: bytes, odd: _Odd) -> None:
        sample = parse_sample(line.decode(), openmetrics=True)
        if sample.timestamp_ms is None:
            raise BadInput("expected timestamp for series, got none")
        row = self._series.row(sample.labels)
        words = line.partition(b" # {")[0].rsplit(b" ", 2)
        value, seconds = repr(sample.value).encode(), repr(sample.timestamp_ms / 1000).encode()
        if words[-2:-1] == [STALE_TEXT]:
            value = STALE_TEXT
        if sample.exemplar is not None:
            odd.exemplars.append((row, sample.exemplar, sample.timestamp_ms))
            self._learn(words[0])
        odd.add(number, row, value, seconds)

    def _learn(self, prefix: bytes) -> None:
        """Remember these bytes when they are a series and nothing else."""
        try:
            alone = parse_sample(prefix.decode() + " 0", openmetrics=True)
        except (BadInput, UnicodeDecodeError):
            return
        if alone.is_plain:
            self._known[prefix] = self._series.row(alone.labels)

    def _refuse(self, line: int, message: str) -> NoReturn:
        raise BadInput(f"{self._name}:{line}: {message}")


def _joined(texts: list[bytes]) -> bytes:
    return b"\n".join([*texts, b""])


def _values(text: bytes) -> NDArray[np.float64]:
    """Numbers, each followed by a newline; staleness markers as well.

    Raises:
        BadInput: One of them is none.
    """
    if STALE_TEXT not in text:
        return parse_floats(text)
    stale = [n for n, one in enumerate(text[:-1].split(b"\n")) if one == STALE_TEXT]
    values = parse_floats(text.replace(STALE_TEXT, b"NaN"))
    values[stale] = STALE
    return values


def _time_of(exemplar: ExposedExemplar, sample_ms: int) -> int:
    return sample_ms if exemplar.timestamp_ms is None else exemplar.timestamp_ms


def _milliseconds(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole milliseconds.

    Raises:
        BadInput: A time that is none.
    """
    if not (np.abs(seconds) < _MAX_SECONDS).all():
        raise BadInput("invalid timestamp")
    scaled = seconds * 1000
    near = np.rint(scaled)
    found: NDArray[np.int64] = np.where(
        np.abs(scaled - near) < _NEAR_MS, near, np.trunc(scaled)
    ).astype(np.int64)
    return found
