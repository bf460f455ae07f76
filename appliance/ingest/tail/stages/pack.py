"""The pack stage (promtail, stages/pack.go), which LogQL's `unpack` undoes; and decolorize."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.ingest.tail.stages.json_fields import compact_json
from appliance.ingest.tail.stages.values import text_of

if TYPE_CHECKING:
    from appliance.base.clock import Clock
    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import PackStage

_ENTRY = "_entry"
_ESCAPE = re.compile("[\x1b\x9b]")
#: Control sequences of terminals: colours, cursor movements, titles.
_SEQUENCE = re.compile(
    "[\x1b\x9b][\\[\\]()#;?]*"
    "(?:(?:[a-zA-Z0-9]*(?:;[a-zA-Z0-9]*)*)?\x07"
    "|(?:[0-9]{1,4}(?:;[0-9]{0,4})*)?[0-9A-PRZcf-ntqry=><~])"
)


class Pack:
    """Some labels and the line become a JSON object, which is the line."""

    def __init__(self, config: PackStage, clock: Clock) -> None:
        self._labels = sorted(config.labels)
        self._stamps = config.ingest_timestamp
        self._clock = clock

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Pack lines."""
        now_ns = self._clock.now_ns()
        for entry in entries:
            packed = {
                name: text
                for name in self._labels
                if (text := text_of(entry.extracted.get(name))) is not None
            }
            for name in packed:
                entry.labels.pop(name, None)
            packed[_ENTRY] = entry.line
            entry.line = compact_json(packed)
            if self._stamps:
                entry.time_ns = now_ns
        return entries


class Decolorize:
    """Control sequences of terminals are taken out of lines."""

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Clean lines."""
        for entry in entries:
            if _ESCAPE.search(entry.line):
                entry.line = _SEQUENCE.sub("", entry.line)
        return entries
