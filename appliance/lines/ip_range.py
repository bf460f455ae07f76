"""IP addresses in text: one, a network, or a range (Loki 3, pkg/logql/log/ip.go)."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Where Loki begins to read an address: a digit with a dot among the next three bytes, or up to
#: four hexadecimal digits before a colon. At least four, or five, bytes of the line are left.
_START = re.compile(
    rb"[0-9](?=\.[^\n]{2}|[^\n]\.[^\n]|[^\n]{2}\.)"
    rb"|(?=(?:::[0-9a-fA-F]|[0-9a-fA-F]{1,4}:))(?=[^\n]{5})",
    re.DOTALL,
)
_V4 = re.compile(rb"[0-9.]*")
_V6 = re.compile(rb"[0-9a-fA-F:.]*")
_MOST_KNOWN = 10_000


class IpRange:
    """The addresses that a filter asks for.

    Args:
        text: `10.0.0.1`, `10.0.0.0/8` or `10.0.0.1-10.0.0.9`, likewise in version 6.

    Attributes:
        needle: What every line contains that has such an address; may be empty.

    Raises:
        BadInput: In Loki's words.
    """

    def __init__(self, text: str) -> None:
        self._first, self._last = _bounds(text)
        self._known: dict[bytes, bool] = {}
        self.needle = _common_start(self._first, self._last)

    @property
    def v4_bounds(self) -> tuple[int, int] | None:
        """The first and the last address as numbers; None in version 6."""
        if self._first.version != 4:
            return None
        return int(self._first), int(self._last)

    def is_in(self, line: bytes) -> bool:
        """Whether an address of the range stands somewhere in a line."""
        return any(map(self._has, _candidates(line)))

    def _has(self, text: bytes) -> bool:
        found = self._known.get(text)
        if found is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            found = self._known[text] = self._contains(text)
        return found

    def _contains(self, text: bytes) -> bool:
        try:
            address = ipaddress.ip_address(text.decode())
        except ValueError:
            return False
        same = address.version == self._first.version
        return same and int(self._first) <= int(address) <= int(self._last)


def _candidates(line: bytes) -> Iterator[bytes]:
    """What Loki would read as addresses; after each it skips a byte."""
    at = 0
    while match := _START.search(line, at):
        start = match.start()
        is_v4 = line[start] in b"0123456789" and b"." in line[start + 1 : start + 4]
        span = (_V4 if is_v4 and start + 3 < len(line) else _V6).match(line, start)
        end = span.end() if span else start
        yield line[start:end]
        at = end + 1


def _common_start(first: Address, last: Address) -> bytes:
    """How all addresses from first to last begin as text; those of version 6 have many texts."""
    if first.version == 6:
        return b""
    if first == last:
        return str(first).encode()
    common = []
    for low, high in zip(str(first).split("."), str(last).split("."), strict=True):
        if low != high:
            break
        common.append(f"{low}.")
    return "".join(common).encode()


def _bounds(text: str) -> tuple[Address, Address]:
    """The first and the last address, of one version."""
    wrong = BadInput(f'ip: invalid pattern: "{text}"')
    try:
        if "/" in text:
            network = ipaddress.ip_network(text, strict=False)
            return network[0], network[-1]
        first, dash, last = text.partition("-")
        low = ipaddress.ip_address(first)
        high = ipaddress.ip_address(last) if dash else low
    except ValueError as error:
        raise wrong from error
    if low.version != high.version or int(low) > int(high):
        raise wrong
    return low, high
