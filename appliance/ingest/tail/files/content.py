"""The content of an open file from any offset on, plain or decompressed (promtail, decompression).

Offsets of compressed files count decompressed bytes.
"""

from __future__ import annotations

import bz2
import os
import sys
import zlib
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: Compressed bytes that are read at once.
_PIECE_BYTES = 64 << 10
#: Decompressed bytes that are made at once: a little input can stand for gigabytes.
_MADE_BYTES = 1 << 20


class Content(Protocol):
    """What can be read of a file."""

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes from an offset on; empty when there are none so far."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class PlainContent:
    """A file as it is.

    Args:
        number: Its descriptor, which is closed by `close`.
    """

    is_compressed = False
    is_complete = False

    def __init__(self, number: int) -> None:
        self.number = number

    def read(self, offset: int, size: int) -> bytes:
        """See `Content`."""
        return os.pread(self.number, size, offset)

    def close(self) -> None:
        """See `Content`."""
        os.close(self.number)


_MAKERS: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(wbits=31)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\x28\xb5\x2f\xfd", zstd.ZstdDecompressor),
    (b"\x78\x01", zlib.decompressobj),
    (b"\x78\x5e", zlib.decompressobj),
    (b"\x78\x9c", zlib.decompressobj),
    (b"\x78\xda", zlib.decompressobj),
)


class CompressedContent:
    """A gzip, zlib, bzip2 or zstd file as what was compressed; several members are one.

    Reading goes forward; a smaller offset starts from the beginning. Damage ends the file.

    Args:
        number: Its descriptor, which is closed by `close`.
        make: Makes the decompressor of one member.
    """

    is_compressed = True

    def __init__(self, number: int, make: Callable[[], Any]) -> None:
        self.number = number
        self._make = make
        self._rewind()

    def _rewind(self) -> None:
        self._member: Any = None
        self._source_offset = 0
        self._input = b""
        self._buffer = b""
        self._start = 0

    @property
    def is_complete(self) -> bool:
        """Whether all of it has been decompressed, to the end that the format marks."""
        return self._member is not None and self._member.eof and not self._input

    def read(self, offset: int, size: int) -> bytes:
        """See `Content`.

        Raises:
            ValueError: The content is damaged.
        """
        if offset < self._start:
            self._rewind()
        while self._start + len(self._buffer) < offset + size:
            more = self._more()
            if not more:
                break
            self._buffer += more
            passed = min(max(0, offset - self._start), len(self._buffer))
            self._buffer, self._start = self._buffer[passed:], self._start + passed
        begin = offset - self._start
        return self._buffer[begin : begin + size]

    def _more(self) -> bytes:
        """The next decompressed piece; empty at the end of what is there."""
        while True:
            if not self._input and not self._has_more():
                self._input = os.pread(self.number, _PIECE_BYTES, self._source_offset)
                self._source_offset += len(self._input)
                if not self._input:
                    return b""
            if self._member is None or self._member.eof:
                self._member = self._make()
            try:
                found: bytes = self._member.decompress(self._input, _MADE_BYTES)
            except (OSError, zlib.error, zstd.ZstdError, EOFError) as error:
                raise ValueError(f"damaged compressed file: {error}") from error
            # zlib gives back what it has not looked at, the others keep it.
            self._input = self._member.unused_data or getattr(self._member, "unconsumed_tail", b"")
            if found:
                return found

    def _has_more(self) -> bool:
        """Whether the decompressor has more to give without more input."""
        member = self._member
        return member is not None and not member.eof and not getattr(member, "needs_input", True)

    def close(self) -> None:
        """See `Content`."""
        os.close(self.number)


def open_content(path: str, *, decompressed: bool) -> PlainContent | CompressedContent:
    """Open a file.

    Args:
        decompressed: Whether compressed content is wanted decompressed. Its first bytes say what
            it is; what is not compressed is read as it is.

    Raises:
        OSError: It cannot be opened.
    """
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if decompressed:
        head = os.pread(number, 4, 0)
        for magic, make in _MAKERS:
            if head.startswith(magic):
                return CompressedContent(number, make)
    return PlainContent(number)
