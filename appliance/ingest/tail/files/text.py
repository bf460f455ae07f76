"""Blocks of a file as lines: newlines, encodings, damaged UTF-8, all on whole blocks."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from appliance.base.errors import BadInput
from appliance.model.log import PlainLines

_BOM = "\ufeff"
_NEWLINE = 10
#: Python's names of encodings with more than one byte per newline, and those bytes.
_WIDE = {
    "utf-16-le": b"\n\0",
    "utf-16-be": b"\0\n",
    "utf-32-le": b"\n\0\0\0",
    "utf-32-be": b"\0\0\0\n",
}
#: What a mark at the start of the file decides, as promtail's decoders do; the default is Go's.
_BY_BOM = {
    "utf-16": ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
    "utf-32": ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")),
}


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How bytes of one file are text.

    Attributes:
        codec: Python's name; empty for UTF-8.
        newline: The bytes that end a line.
    """

    codec: str = ""
    newline: bytes = b"\n"

    def end_of_lines(self, data: bytes) -> int:
        """Bytes up to and with the last newline; 0 when there is none."""
        width = len(self.newline)
        at = data.rfind(self.newline)
        while at > 0 and at % width:
            at = data.rfind(self.newline, 0, at + width - 1)
        return 0 if at < 0 or at % width else at + width

    def end_of_first_line(self, data: bytes) -> int:
        """Bytes up to and with the first newline; 0 when there is none."""
        width = len(self.newline)
        at = data.find(self.newline)
        while at > 0 and at % width:
            at = data.find(self.newline, at + 1)
        return 0 if at < 0 else at + width

    def lines(self, data: bytes) -> PlainLines:
        """Lines as UTF-8; no Python code runs per line.

        Args:
            data: Whole lines; the last one may lack its newline.
        """
        text = self._utf8(data)
        if not text.endswith(b"\n"):
            text += b"\n"
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE) + 1
        return PlainLines(text, np.concatenate(([0], ends)))

    def texts(self, data: bytes) -> list[str]:
        """The same as text."""
        if self.codec:
            text = data.decode(self.codec, "replace").removeprefix(_BOM)
        else:
            text = data.decode("utf-8", "replace").removeprefix(_BOM)
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        found = text.split("\n")
        if found and not found[-1]:
            found.pop()
        return found

    def ends(self, data: bytes) -> list[int]:
        """Offsets of the ends of the lines of `texts`, newlines included."""
        width = len(self.newline)
        if width > 1:
            text = data.decode(self.codec, "surrogatepass")
            sizes = [len(part.encode(self.codec, "surrogatepass")) for part in text.split("\n")]
        else:
            sizes = [len(part) for part in data.split(self.newline)]
        found = list(accumulate(size + width for size in sizes))
        found[-1] -= width
        return found if sizes[-1] else found[:-1]

    def _utf8(self, data: bytes) -> bytes:
        if self.codec:
            data = data.decode(self.codec, "replace").removeprefix(_BOM).encode()
        elif not data.isascii():
            data = data.removeprefix(codecs.BOM_UTF8)
            try:
                data.decode()
            except UnicodeDecodeError:
                data = data.decode("utf-8", "replace").encode()
        return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def text_format(encoding: str, head: bytes = b"") -> TextFormat:
    """The format for an encoding by its IANA name.

    Args:
        encoding: As in promtail's configuration; empty for UTF-8.
        head: The first bytes of the file, where a byte order mark may be.

    Raises:
        BadInput: There is no such encoding.
    """
    if not encoding:
        return TextFormat()
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise BadInput(f"unknown encoding {encoding!r}") from error
    for mark, by_mark in _BY_BOM.get(name, ()):
        if head.startswith(mark):
            name = by_mark
    if name in _BY_BOM:
        name += "-be"
    return TextFormat("" if name == "utf-8" else name, _WIDE.get(name, b"\n"))
