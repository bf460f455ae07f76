"""Where syslog messages begin and end in a stream (RFC 6587: octet counting, or newlines).

The first byte of a stream decides which of the two it uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from appliance.base.errors import BadInput

_DIGITS = b"0123456789"
_MAX_DIGITS = 10


@dataclass(slots=True)
class Framing:
    """Bytes in, messages out.

    Args:
        max_bytes: Longer messages are left out and counted.

    Attributes:
        too_long: Messages left out so far.
    """

    max_bytes: int
    too_long: int = 0
    _rest: bytes = b""
    _is_counted: bool | None = None
    _to_skip: int = 0
    _is_skipping: bool = field(default=False)

    def feed(self, data: bytes) -> list[bytes]:
        """Messages that are complete.

        Raises:
            BadInput: Neither kind of framing: the stream cannot be understood any more.
        """
        data = self._rest + data
        if self._is_counted is None and data:
            self._is_counted = _is_counted(data[:1])
        if not data:
            return []
        return self._counted(data) if self._is_counted else self._lines(data)

    def end(self) -> list[bytes]:
        """What came without an end, when nothing comes any more."""
        rest, self._rest = self._rest, b""
        if self._is_counted or self._is_skipping or not rest.strip(b"\r\n\0"):
            return []
        return [rest.rstrip(b"\r\n\0")]

    def _lines(self, data: bytes) -> list[bytes]:
        *lines, self._rest = data.split(b"\n")
        if self._is_skipping and lines:
            lines, self._is_skipping = lines[1:], False
        if len(self._rest) > self.max_bytes:
            self.too_long += not self._is_skipping
            self._rest, self._is_skipping = b"", True
        found = [line.rstrip(b"\r\0") for line in lines]
        kept = [line for line in found if line and len(line) <= self.max_bytes]
        self.too_long += sum(len(line) > self.max_bytes for line in found)
        return kept

    def _counted(self, data: bytes) -> list[bytes]:
        found = []
        at = min(self._to_skip, len(data))
        self._to_skip -= at
        while at < len(data):
            space = data.find(b" ", at, at + _MAX_DIGITS + 1)
            digits = data[at:space] if space >= 0 else data[at:]
            if digits.strip(_DIGITS) or len(digits) > _MAX_DIGITS or not digits:
                if data[at : at + 1] in {b"\n", b"\r"}:
                    at += 1  # some senders end counted messages with a newline nevertheless
                    continue
                shown = data[at : at + 20].decode("utf-8", "replace")
                raise BadInput(f"expecting a message length, found {shown!r}")
            if space < 0:
                break
            size, start = int(digits), space + 1
            if size > self.max_bytes:
                self.too_long += 1
                skipped = min(size, len(data) - start)
                self._to_skip, at = size - skipped, start + skipped
                continue
            if start + size > len(data):
                break
            found.append(data[start : start + size])
            at = start + size
        self._rest = data[at:]
        return found


def _is_counted(first: bytes) -> bool:
    if first == b"<":
        return False
    if first in {bytes([digit]) for digit in _DIGITS[1:]}:
        return True
    shown = first.decode("utf-8", "replace")
    raise BadInput(f"invalid or unsupported framing. first byte: {shown!r}")


def datagram(data: bytes, max_bytes: int) -> tuple[list[bytes], int]:
    """Messages of one datagram, and how many were too long.

    Raises:
        BadInput: See `Framing.feed`.
    """
    framing = Framing(max_bytes)
    return framing.feed(data) + framing.end(), framing.too_long
