"""Log entries as the logs page and its JSON twin show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.model.value import Streams

_MESSAGES = ("msg", "message", "event", "body")
#: Levels of Pino and Bunyan, by tens.
_NUMBERS = ("", "trace", "debug", "info", "warn", "error", "critical")
#: By the beginning of a level's name, in lower case.
_NAMES = (
    (("fatal", "crit", "alert", "emerg", "panic"), "critical"),
    (("err", "severe"), "error"),
    (("warn", "wrn"), "warn"),
    (("inf", "notice"), "info"),
    (("deb", "dbg"), "debug"),
    (("trace", "trc", "verbose", "fine"), "trace"),
)
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LogRow:
    """An entry.

    Attributes:
        level: One of the page's seven; `unknown` when nothing tells it.
        labels: The stream's.
        message: What the line says first: its message when it is JSON, else the line.
    """

    timestamp_ns: int
    level: str
    service: str
    line: str
    message: str
    labels: Mapping[str, str]
    metadata: Mapping[str, str]
    fields: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """For the page's JSON twin; nanoseconds as text."""
        return {
            "timestamp_ns": str(self.timestamp_ns),
            "level": self.level,
            "service": self.service,
            "line": self.line,
            "labels": self.labels,
            "metadata": self.metadata,
            "fields": self.fields,
        }


def rows_of(found: Streams, *, newest_first: bool = True) -> list[LogRow]:
    """Entries of all streams in the order of time."""
    rows = [
        _row(time_ns, line, dict(stream.labels), dict(metadata), dict(parsed))
        for stream in found.streams
        for time_ns, line, metadata, parsed in stream.entries
    ]
    rows.sort(key=lambda row: row.timestamp_ns, reverse=newest_first)
    return rows


def _row(
    time_ns: int,
    line: str,
    labels: dict[str, str],
    metadata: dict[str, str],
    fields: dict[str, str],
) -> LogRow:
    document = _document(line)
    named = (metadata.get("detected_level"), labels.get("level"), fields.get("level"))
    told = next((one for one in named if one and one != UNKNOWN), "")
    level = level_of(told or str(document.get("level") or document.get("severity") or ""))
    message = next((document[key] for key in _MESSAGES if isinstance(document.get(key), str)), line)
    service = labels.get("service_name") or labels.get("job") or labels.get("app") or ""
    return LogRow(time_ns, level, service, line, message, labels, metadata, fields)


def level_of(text: str) -> str:
    """The page's level for a name or a number, however it is spelled."""
    low = text.lower()
    if len(low) == 2 and low[1] == "0" and low[0] in "123456":
        return _NUMBERS[int(low[0])]
    return next((level for starts, level in _NAMES if low.startswith(starts)), UNKNOWN)


def _document(line: str) -> dict[str, Any]:
    if not line.startswith("{"):
        return {}
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
