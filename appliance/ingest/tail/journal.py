"""systemd's journal, read by `journalctl` (promtail, configuration, journal).

Invariant: the mark is the cursor of the last entry stored. Entries have the journal's own times, so
that one which comes twice after a crash is stored once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import shutil
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base.errors import Unavailable
from appliance.base.tasks import spawn
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.files.mark import MARKS, quoted
from appliance.ingest.tail.labels import EntryLabels
from appliance.ingest.tail.status import SourceKind, SourceStatus
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from appliance.ingest.tail.config import TailConfig
    from appliance.ingest.tail.entry import Origin
    from appliance.ingest.tail.job import JobParts
    from appliance.ingest.tail.source import SourceFeed

_log = logging.getLogger(__name__)
_PROGRAM = "journalctl"
_READ_BYTES = 256 << 10
_SHOWN_BYTES = 300
#: The time within a cursor, microseconds in hexadecimal digits.
_CURSOR_TIME = re.compile(r"(?:^|;)t=([0-9a-f]+)")
_PRIORITIES = ("emerg", "alert", "crit", "error", "warning", "notice", "info", "debug")
#: What Go's encoding/json escapes in strings.
_ESCAPES = ((b"&", b"\\u0026"), (b"<", b"\\u003c"), (b">", b"\\u003e"))


class JournalSource:
    """Follows the journal for one job; without `journalctl` it says so once and waits."""

    def __init__(self, config: TailConfig, feed: SourceFeed, parts: JobParts) -> None:
        assert config.journal is not None, "the job has a journal"  # noqa: S101
        self._config = config.journal
        self._job = config.job_name
        self._feed = feed
        self._parts = parts
        self._labels = EntryLabels(config.relabel_configs, config.journal.labels)
        self._mark = f"{MARKS}{quoted(config.job_name)}/journal"
        self._cursor = parts.saved.position(self._mark, config.job_name)
        self._lines = 0
        self._read_ms = 0
        self._error = ""

    def __str__(self) -> str:
        return f"journal for job {self._job}"

    async def run(self) -> None:
        """See `Source`."""
        program = shutil.which(_PROGRAM)
        if program is None:
            self._error = f"{_PROGRAM} is not installed: the journal cannot be read"
            _log.warning("job %s: %s", self._job, self._error)
            await asyncio.Event().wait()
        flushing = spawn(self._feed.flush_regularly(), name=f"flush {self}")
        try:
            await self._follow(program or _PROGRAM)
        finally:
            flushing.cancel()

    async def _follow(self, program: str) -> None:
        process = await asyncio.create_subprocess_exec(
            program,
            *self._arguments(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018
        self._error, rest = "", b""
        complaints = spawn(process.stderr.read(), name=f"errors of {self}")
        try:
            while data := await process.stdout.read(_READ_BYTES):
                *lines, rest = (rest + data).split(b"\n")
                await self._take(lines)
            text = (await complaints).decode("utf-8", "replace")[:_SHOWN_BYTES].strip()
            self._error = f"{_PROGRAM} ended: {text or await process.wait()}"
            raise Unavailable(self._error)
        finally:
            complaints.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()

    def _arguments(self) -> list[str]:
        """What to read: from the cursor on, unless that is too long ago."""
        found = ["--output=json", "--follow", "--no-tail", "--all", "--no-pager"]
        if self._config.path:
            found.append(f"--directory={self._config.path}")
        oldest_us = self._parts.clock.now_ns() // 1000 - int(self._config.max_age) * 1000
        if self._cursor and cursor_time_us(self._cursor) >= oldest_us:
            found.append(f"--after-cursor={self._cursor}")
        else:
            found.append(f"--since=@{oldest_us // 1_000_000}")
        return found + self._config.matches.split()

    async def _take(self, lines: Sequence[bytes]) -> None:
        entries = []
        before = self._cursor
        for line in lines:
            fields = read_fields(line)
            if fields is None:
                continue
            entry = self._entry(fields, before)
            before = fields.get("__CURSOR", before)
            if entry is not None:
                entries.append(entry)
        if before == self._cursor:
            return
        await self._feed.put(entries, self._marks, moved=self._moved(before))
        self._lines += len(entries)
        self._read_ms = self._parts.clock.now_ms()
        self._parts.metrics.journal_lines.inc(len(entries))

    @contextlib.contextmanager
    def _moved(self, cursor: str) -> Iterator[None]:
        before, self._cursor = self._cursor, cursor
        try:
            yield
        except BaseException:
            self._cursor = before
            raise

    def _entry(self, fields: dict[str, str], before: str) -> Entry | None:
        errors = self._parts.metrics.journal_errors
        own = {name: value for name, value in fields.items() if not name.startswith("__")}
        line = json_line(own) if self._config.json else own.get("MESSAGE")
        if line is None:
            errors.labels("no_message").inc()
            return None
        labels = self._labels.of(journal_facts(own))
        if not labels:
            errors.labels("empty_labels").inc()
            return None
        time_ns = int(fields.get("__REALTIME_TIMESTAMP", "0")) * 1000
        return Entry(dict(labels), time_ns, line, origins=(before,))

    def _marks(self, held: Sequence[Origin]) -> dict[str, str]:
        cursor = str(held[0]) if held else self._cursor
        return {self._mark: cursor} if cursor else {}

    def status(self) -> Sequence[SourceStatus]:
        """See `Source`."""
        return [
            SourceStatus(
                job=self._job,
                kind=SourceKind.JOURNAL,
                name=self._config.path or "journal",
                labels=Labels.of(self._config.labels),
                position=self._cursor,
                lines=self._lines,
                last_read_ms=self._read_ms,
                error=self._error,
            )
        ]

    def cursors(self) -> Mapping[str, str]:
        """See `Source`."""
        return {self._job: self._cursor} if self._cursor else {}


def read_fields(line: bytes) -> dict[str, str] | None:
    """An entry of `journalctl --output=json`; None when it is none."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict):
        return None
    return {name: _text(value) for name, value in found.items() if value is not None}


def _text(value: Any) -> str:
    """A field's value: text, bytes as numbers, or several of these (the last one counts)."""
    if isinstance(value, list):
        if value and all(isinstance(item, int) for item in value):
            return bytes(item & 0xFF for item in value).decode("utf-8", "replace")
        return _text(value[-1]) if value else ""
    return str(value)


def journal_facts(fields: Mapping[str, str]) -> dict[str, str]:
    """Fields as labels for relabelling."""
    found = {f"__journal_{name.lower()}": value for name, value in fields.items()}
    priority = fields.get("PRIORITY")
    if priority is not None:
        is_known = len(priority) == 1 and priority in "01234567"
        found["__journal_priority_keyword"] = _PRIORITIES[int(priority)] if is_known else priority
    return found


def json_line(fields: Mapping[str, str]) -> str:
    """All fields as JSON, as Go writes it: sorted, and safe within HTML."""
    body = orjson.dumps(dict(fields), option=orjson.OPT_SORT_KEYS)
    for plain, escaped in _ESCAPES:
        body = body.replace(plain, escaped)
    return body.decode()


def cursor_time_us(cursor: str) -> int:
    """When the entry of a cursor was written, in microseconds; 0 when it does not say."""
    found = _CURSOR_TIME.search(cursor)
    return int(found[1], 16) if found else 0
