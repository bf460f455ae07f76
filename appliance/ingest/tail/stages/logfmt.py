"""The logfmt stage (promtail, stages/logfmt.go over go-logfmt/logfmt)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from appliance.ingest.tail.stages.values import input_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import LogfmtStage

_PAIR = re.compile(
    r'[\x00-\x20]*+([^\x00-\x20="]++)(?:=(?:"((?:[^"\\\n]|\\.)*+)"|([^\x00-\x20="]*+)))?+'
    r"(?=[\x00-\x20]|\Z)"
)


class Logfmt:
    """The stage at work."""

    def __init__(self, config: LogfmtStage) -> None:
        self._source = config.source
        self._names = {key or name: name for name, key in config.mapping.items()}

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Extract values."""
        names = self._names
        for entry in entries:
            text = input_of(entry, self._source)
            if text is None:
                continue
            for key, value in pairs(text):
                name = names.get(key)
                if name is not None:
                    entry.extracted[name] = value
        return entries


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """Keys and values up to the first thing that is no logfmt; a key alone has an empty value."""
    at = 0
    while (match := _PAIR.match(text, at)) is not None:
        key, quoted, plain = match.groups()
        if quoted is None:
            yield key, plain or ""
        elif "\\" not in quoted:
            yield key, quoted
        else:
            try:
                yield key, orjson.loads(f'"{quoted}"')
            except orjson.JSONDecodeError:
                return
        at = match.end()
