"""The docker and cri stages: what container runtimes write (promtail, stages/extensions.go)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.ingest.tail.stage_config import CriStage, JsonStage, OutputStage, TimestampStage
from appliance.ingest.tail.stages.json_fields import JsonFields
from appliance.ingest.tail.stages.labels import Labels, Output
from appliance.ingest.tail.stages.timestamp import Timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.base.clock import Clock
    from appliance.ingest.tail.entry import Entry

_CRI = re.compile(r"([^\t\n\f\r ]+) (stdout|stderr) ([^\t\n\f\r ]+) (.*)", re.DOTALL)
_FORMAT = "RFC3339Nano"
#: Characters from which on a line is given out although its end has not come.
_MAX_LINE = 1 << 20


class Docker:
    """Docker's JSON lines: the line, its stream as a label, its time."""

    def __init__(self, clock: Clock) -> None:
        fields: dict[str, str | None] = {"output": "log", "stream": "stream", "timestamp": "time"}
        self._stages = (
            JsonFields(JsonStage(expressions=fields)),
            Labels({"stream": None}),
            Timestamp(TimestampStage(source="timestamp", format=_FORMAT), clock),
            Output(OutputStage(source="output")),
        )

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Unwrap lines."""
        for entry in entries:
            entry.extracted.update(entry.labels)
        for stage in self._stages:
            entries = stage.run(entries)
        return entries


class Cri:
    """Lines of containerd and CRI-O: `time stream flags line`; partial lines are joined."""

    def __init__(self, config: CriStage, clock: Clock) -> None:
        self._config = config
        self._labels = Labels({"stream": None})
        self._timestamp = Timestamp(TimestampStage(source="time", format=_FORMAT), clock)
        self._outputs = (
            Output(OutputStage(source="content")),
            Output(OutputStage(source="tags")),
        )
        self._parts: dict[frozenset[tuple[str, str]], Entry] = {}

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Unwrap lines, and join those that were split."""
        for entry in entries:
            entry.extracted.update(entry.labels)
            match = _CRI.fullmatch(entry.line)
            if match is not None:
                time, stream, flags, content = match.groups()
                entry.extracted.update(time=time, stream=stream, flags=flags, content=content)
        for stage in (self._labels, self._timestamp, *self._outputs):
            entries = stage.run(entries)
        found: list[Entry] = []
        for entry in entries:
            found += self._joined(entry)
        return found

    def _joined(self, entry: Entry) -> Sequence[Entry]:
        """Entries that are whole now."""
        is_part = entry.extracted.get("flags") == "P"
        if not is_part and not self._parts:
            return (entry,)
        stream = frozenset(entry.labels.items())
        full = is_part and len(self._parts) >= self._config.max_partial_lines
        released = list(self._parts.values()) if full else []
        if full:
            self._parts.clear()
        before = self._parts.pop(stream, None)
        if before is not None:
            entry.line = before.line + entry.line
            entry.origins = before.origins + entry.origins
        if before is not None or is_part:
            self._truncate(entry)
        if is_part and len(entry.line) < _MAX_LINE:
            self._parts[stream] = entry
            return released
        return (*released, entry)

    def _truncate(self, entry: Entry) -> None:
        limit = self._config.max_partial_line_size
        if self._config.max_partial_line_size_truncate and len(entry.line.encode()) > limit:
            entry.line = entry.line.encode()[:limit].decode("utf-8", "ignore")

    def flush(self, now: float) -> list[Entry]:
        """Partial lines wait for their end, however long it takes."""
        if now != float("inf"):
            return []
        found = list(self._parts.values())
        self._parts.clear()
        return found

    def held(self) -> list[Entry]:
        """Partial lines."""
        return list(self._parts.values())
