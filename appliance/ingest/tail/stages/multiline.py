"""The multiline stage: lines up to the next first line are one entry (promtail, multiline.go).

Each stream is joined by itself. Until its first first line a stream passes as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.base.re2 import Pattern
from appliance.ingest.tail.entry import Entry

if TYPE_CHECKING:
    from appliance.base.clock import Clock
    from appliance.ingest.tail.entry import Origin
    from appliance.ingest.tail.stage_config import MultilineStage

#: Streams that are remembered while nothing of them is held; others begin anew.
_MAX_STREAMS = 10_000


@dataclass(slots=True)
class _Block:
    """What is joined of one stream.

    Attributes:
        first: The entry that the last first line came with.
        size: Characters in `lines`; a block of empty lines counts as none.
        since: When its last line came, in monotonic seconds.
    """

    first: Entry
    lines: list[str] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    size: int = 0
    since: float = 0.0

    def joined(self) -> Entry:
        """The block as an entry, with labels, time and extracted values of its first line."""
        first = self.first
        return Entry(
            dict(first.labels),
            first.time_ns,
            "\n".join(self.lines),
            dict(first.extracted),
            dict(first.metadata),
            first.tenant,
            tuple(self.origins),
        )

    def take(self) -> list[Entry]:
        """The block, which is empty after that; nothing if it is."""
        found = [self.joined()] if self.size else []
        self.lines, self.origins, self.size = [], [], 0
        return found


class Multiline:
    """The stage at work."""

    def __init__(self, config: MultilineStage, clock: Clock) -> None:
        self._pattern = Pattern(config.firstline)
        self._max_lines = config.max_lines
        self._max_wait = config.max_wait_time.seconds
        self._clock = clock
        self._blocks: dict[frozenset[tuple[str, str]], _Block] = {}

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Blocks that are complete."""
        found: list[Entry] = []
        now = self._clock.monotonic()
        for entry in entries:
            stream = frozenset(entry.labels.items())
            is_first = self._pattern.search(entry.line.encode("utf-8", "replace")) is not None
            block = self._blocks.get(stream)
            if block is None:
                if not is_first:
                    found.append(entry)
                    continue
                block = self._blocks[stream] = _Block(entry)
            if is_first:
                found += block.take()
                block.first = entry
            if block.size or entry.line:
                block.lines.append(entry.line)
                block.size += len(entry.line) + 1
            block.origins += entry.origins
            block.since = now
            if len(block.lines) == self._max_lines:
                found += block.take()
        return found

    def flush(self, now: float) -> list[Entry]:
        """Blocks to which nothing was added for the longest wait."""
        found: list[Entry] = []
        for block in self._blocks.values():
            if now - block.since >= self._max_wait:
                found += block.take()
        if len(self._blocks) > _MAX_STREAMS:
            idle = [stream for stream, block in self._blocks.items() if not block.lines]
            for stream in idle[: len(self._blocks) // 2]:
                del self._blocks[stream]
        return found

    def held(self) -> list[Entry]:
        """Blocks that are not complete."""
        return [block.joined() for block in self._blocks.values() if block.size]
