"""Mails as they go over the wire: headers and a multipart body, nothing but ASCII.

Implements what Alertmanager makes of RFC 5322, of quoted-printable (RFC 2045) and of encoded words
(RFC 2047, Q encoding).
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from email.utils import getaddresses
from typing import TYPE_CHECKING

from appliance.notify.integration import NotifyFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of an encoded word, RFC 2047, section 2.
_WORD_CHARS = 75
_WORD_START, _WORD_END = "=?utf-8?q?", "?="
#: Nothing between commas, which a list may have. (Names, which may hold it, are not sent.)
_GAP = re.compile(r",(?:\s*,)+")
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail before it is written.

    Attributes:
        headers: In the order in which they are written; values are any text.
        text, html: Parts; an empty one is left out.
        boundary: Between the parts; occurs nowhere else.
    """

    headers: Mapping[str, str]
    boundary: str
    text: str = ""
    html: str = ""
    raw_headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The mail with CRLF at the end of lines, dots not doubled."""
        lines = [f"{name}: {encoded_words(value)}" for name, value in self.headers.items()]
        lines += [f"{name}: {value}" for name, value in self.raw_headers.items()]
        lines.append(f"Content-Type: multipart/alternative;  boundary={self.boundary}")
        lines += ["MIME-Version: 1.0", "", ""]
        parts = []
        # The alternative that is liked best comes last (RFC 2046, section 5.1.4).
        for kind, text in (("plain", self.text), ("html", self.html)):
            if text:
                head = "Content-Transfer-Encoding: quoted-printable\r\n"
                head += f"Content-Type: text/{kind}; charset=UTF-8\r\n\r\n"
                parts.append(f"--{self.boundary}\r\n{head}{quoted_printable(text)}\r\n")
        return ("\r\n".join(lines) + "".join(parts) + f"--{self.boundary}--\r\n").encode("ascii")


def quoted_printable(text: str) -> str:
    """A text in quoted-printable, lines of at most 76 characters that end in CRLF."""
    plain = text.replace("\r\n", "\n")
    encoded = binascii.b2a_qp(plain.encode(), istext=True, quotetabs=False)
    return encoded.decode("ascii").replace("\r\n", "\n").replace("\n", "\r\n")


def encoded_words(text: str) -> str:
    """The value of a header: as it is, or as encoded words when it holds more than plain ASCII."""
    if all(" " <= char <= "~" or char == "\t" for char in text):
        return text
    words, room = [""], _WORD_CHARS - len(_WORD_START) - len(_WORD_END)
    for char in text:
        code = "".join(_q_encoded(byte) for byte in char.encode())
        if len(words[-1]) + len(code) > room:
            words.append("")
        words[-1] += code
    return "\r\n ".join(f"{_WORD_START}{word}{_WORD_END}" for word in words)


def _q_encoded(byte: int) -> str:
    if byte in _PLAIN:
        return chr(byte)
    return "_" if byte == 0x20 else f"={byte:02X}"


def addresses(text: str, what: str) -> list[str]:
    """The addresses of a list such as `Ops <ops@example.org>, b@example.org`.

    Args:
        what: `to` or `from`, for the error.

    Raises:
        NotifyFailed: It is not a list of addresses.
    """
    filled = _GAP.sub(",", text).strip(", \t")
    found = [address for _, address in getaddresses([filled])]
    if not found or not all("@" in address.strip("@") for address in found):
        raise NotifyFailed(f"parse {what!r} addresses: no address in {text!r}", is_retryable=False)
    return found


def canonical_header(name: str) -> str:
    """A header's name as it is written: `message-id` becomes `Message-Id`."""
    return "-".join(part.capitalize() for part in name.split("-"))
