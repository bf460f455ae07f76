"""Log entries outside of a server: rows of Loki's answers, and lines of JSON in files.

A line in a file is `{"stream":{…},"ts":"<nanoseconds>","line":"…","metadata":{…}}`; `metadata`, the
structured metadata, may be missing, and `parsed`, labels that a query's parsers found, is for
readers only: an import leaves it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Asks Loki to tell labels of the stream from structured metadata and parsed ones.
CATEGORIZE = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry.

    Attributes:
        stream: Labels of its stream; from a server that cannot tell, all labels.
        metadata: Structured metadata.
        parsed: Labels that parsers of the query found.
    """

    stream: Mapping[str, str]
    time_ns: int
    line: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    parsed: Mapping[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        """All labels; as in Loki, parsed ones win."""
        return {**self.stream, **self.metadata, **self.parsed}


def rows_of(streams: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """The entries of streams in an answer, in its order."""
    for stream in streams:
        labels = stream["stream"]
        for time, line, *extras in stream["values"]:
            told = extras[0] if extras else {}
            metadata, parsed = told.get("structuredMetadata", {}), told.get("parsed", {})
            yield Row(labels, int(time), line, metadata, parsed)


def write_row(row: Row) -> bytes:
    """A line for a file, its newline included."""
    document: dict[str, Any] = {"stream": row.stream, "ts": str(row.time_ns), "line": row.line}
    if row.metadata:
        document["metadata"] = row.metadata
    if row.parsed:
        document["parsed"] = row.parsed
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def read_row(line: bytes) -> Row:
    """An entry from a line of a file.

    Raises:
        BadInput: It is none.
    """
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"no JSON: {error}") from error
    if not isinstance(document, dict):
        raise BadInput('no entry; write {"stream":{…},"ts":"…","line":"…"}')
    stream, metadata = _texts(document, "stream"), _texts(document, "metadata")
    time, text = document.get("ts"), document.get("line")
    if not isinstance(text, str):
        raise BadInput('"line" is missing or no text')
    if not str(time).lstrip("-").isdecimal():
        raise BadInput(f'"ts" is {time!r}, not nanoseconds since 1970')
    return Row(stream, int(str(time)), text, metadata)


def looks_like_row(line: bytes) -> bool:
    """Whether a line is an entry as `write_row` writes it, and not text that is to be one."""
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(document, dict) and {"stream", "ts", "line"} <= document.keys()


def _texts(document: Mapping[str, Any], name: str) -> dict[str, str]:
    found = document.get(name) or {}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise BadInput(f'"{name}" is no object of texts')
    return found
