"""Log entries from files to a server: JSON lines as an export writes them, or plain text."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base.errors import BadInput
from appliance.transfer.logs.rows import Row, looks_like_row, read_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future

    from appliance.transfer.session import Session

PUSH = "/loki/api/v1/push"
_HEADERS = {"Content-Type": "application/json"}
#: What goes into one request.
_MOST_ENTRIES, _MOST_BYTES = 5000, 1 << 20


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file.

    Attributes:
        name: For messages.
        labels: Set on every stream, over those that the file gives.
        start_ns: Time of the first line of plain text; each further line is a nanosecond later.
        is_text: Whether lines are plain text; None: as the first line looks.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    start_ns: int = 0
    is_text: bool | None = None


@dataclass(slots=True)
class Imported:
    """What the server has taken so far; `bytes` are those of the file."""

    entries: int = 0
    bytes: int = 0


def read_rows(lines: Iterable[bytes], how: Reading) -> Iterator[tuple[Row, int]]:
    """The entries of a file, each with its size in the file.

    Raises:
        BadInput: `name:line: reason`.
    """
    lines = iter(lines)
    is_text = how.is_text
    if is_text is None:
        first = next(lines, b"")
        is_text = not looks_like_row(first)
        lines = itertools.chain([first], lines) if first else lines
    time_ns = how.start_ns
    for number, line in enumerate(lines, 1):
        text = line.rstrip(b"\r\n")
        if is_text:
            row = Row(how.labels, time_ns, text.decode(errors="replace"))
            time_ns += 1
        elif not text.strip():
            continue
        else:
            row = _read(text, number, how)
        yield row, len(line)


def _read(text: bytes, number: int, how: Reading) -> Row:
    try:
        row = read_row(text)
    except BadInput as error:
        raise BadInput(f"{how.name}:{number}: {error}") from error
    if not how.labels:
        return row
    return Row({**row.stream, **how.labels}, row.time_ns, row.line, row.metadata)


def import_all(
    session: Session,
    rows: Iterable[tuple[Row, int]],
    done: Imported,
    *,
    progress: Callable[[Imported], None] = lambda _: None,
) -> None:
    """Send all entries; while one request is under way, the next is being made.

    Args:
        done: Counts what was taken, also when this ends early.

    Raises:
        BadInput: A line cannot be read, or the server refuses entries; others of the same request
            may have been taken.
        Unavailable: There is no server, or it stays busy.
    """
    with ThreadPoolExecutor(1) as pool:
        sending: Future[Any] | None = None
        sent = (0, 0)
        for body, entries, size in _batches(rows):
            if sending is not None:
                _settle(sending, sent, done, progress)
            sending, sent = pool.submit(session.post, PUSH, body, _HEADERS), (entries, size)
        if sending is not None:
            _settle(sending, sent, done, progress)


def _settle(
    sending: Future[Any],
    sent: tuple[int, int],
    done: Imported,
    progress: Callable[[Imported], None],
) -> None:
    sending.result()
    done.entries += sent[0]
    done.bytes += sent[1]
    progress(done)


def _batches(rows: Iterable[tuple[Row, int]]) -> Iterator[tuple[bytes, int, int]]:
    """Bodies of requests with their entries and their bytes in the file."""
    streams: dict[tuple[tuple[str, str], ...], list[Any]] = {}
    entries = size = 0
    for row, length in rows:
        value = [str(row.time_ns), row.line, *([row.metadata] if row.metadata else [])]
        streams.setdefault(tuple(sorted(row.stream.items())), []).append(value)
        entries += 1
        size += length
        if entries == _MOST_ENTRIES or size >= _MOST_BYTES:
            yield _body(streams), entries, size
            streams, entries, size = {}, 0, 0
    if entries:
        yield _body(streams), entries, size


def _body(streams: Mapping[tuple[tuple[str, str], ...], list[Any]]) -> bytes:
    found = [{"stream": dict(labels), "values": values} for labels, values in streams.items()]
    return orjson.dumps({"streams": found})
