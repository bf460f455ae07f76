"""Docker's log stream (Engine API v1.x, "Attach to a container", stream format) as lines.

Every frame begins with a time; a long line comes in several frames, of which the first one's time
counts. A terminal's stream has no frames, only lines with times.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from appliance.ingest.tail.rfc3339 import parse_time

_HEADER = struct.Struct(">BxxxL")
_STREAMS = {0: "stdin", 1: "stdout", 2: "stderr"}
#: What is kept of a line without an end; the door has a limit of its own.
_MAX_LINE_BYTES = 1 << 20


class DockerLine(NamedTuple):
    """A line: `stdout` or `stderr`, time, text."""

    stream: str
    time_ns: int
    line: bytes


@dataclass(slots=True)
class _Joined:
    """The frames of a line so far."""

    time_ns: int = 0
    size: int = 0
    parts: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class FrameReader:
    """Bytes in, lines out.

    Args:
        has_terminal: The container's stream has no frames.

    Attributes:
        errors: Frames without a time.
    """

    has_terminal: bool = False
    errors: int = 0
    _rest: bytes = b""
    _joined: dict[str, _Joined] = field(default_factory=dict)

    def feed(self, data: bytes) -> list[DockerLine]:
        """Lines that are complete."""
        data = self._rest + data
        found: list[DockerLine] = []
        if self.has_terminal:
            *lines, self._rest = data.split(b"\n")
            for line in lines:
                self._take("stdout", line + b"\n", found)
            self._rest = self._rest[:_MAX_LINE_BYTES]
            return found
        at = 0
        while at + _HEADER.size <= len(data):
            kind, size = _HEADER.unpack_from(data, at)
            end = at + _HEADER.size + size
            if end > len(data):
                break
            self._take(_STREAMS.get(kind, "stdout"), data[at + _HEADER.size : end], found)
            at = end
        self._rest = data[at:]
        return found

    def end(self) -> list[DockerLine]:
        """Lines that have no end, when nothing comes any more."""
        found: list[DockerLine] = []
        for stream, joined in self._joined.items():
            self._give(stream, joined, found)
        self._joined.clear()
        return found

    def _take(self, stream: str, frame: bytes, found: list[DockerLine]) -> None:
        text, _, payload = frame.partition(b" ")
        time_ns = parse_time(text)
        joined = self._joined.get(stream)
        if time_ns is None and joined is None:
            self.errors += 1
            return
        is_end = payload.endswith(b"\n")
        payload = payload.rstrip(b"\r\n")
        if joined is None:
            if is_end:
                found.append(DockerLine(stream, time_ns or 0, payload))
                return
            joined = self._joined[stream] = _Joined(time_ns or 0)
        if joined.size < _MAX_LINE_BYTES:
            joined.parts.append(payload)
            joined.size += len(payload)
        if is_end:
            self._give(stream, joined, found)
            del self._joined[stream]

    def _give(self, stream: str, joined: _Joined, found: list[DockerLine]) -> None:
        found.append(DockerLine(stream, joined.time_ns, b"".join(joined.parts)))
