"""A Zipkin span, whatever format it came in."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from appliance.model.trace import AttributeValue

_MICROSECOND_NS = 1000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a call; what is not known is empty."""

    service: str = ""
    ip: str = ""
    port: int = 0


@dataclass(slots=True)
class ZipkinSpan:
    """A span; times in microseconds, as Zipkin has them.

    Attributes:
        trace_id: 16 bytes; 64-bit ids are padded with zeros on the left.
        parent_id: 8 bytes, or none.
        kind: OTLP's number.
        start_us: None when the sender does not say (the server's half of a shared span).
        annotations: Time and text.
        tags: v2 has text only.
        status: OTLP's code and a message, where the format says more than the tags do.
    """

    trace_id: bytes
    span_id: bytes
    parent_id: bytes = b""
    name: str = ""
    kind: int = 0
    start_us: int | None = None
    duration_us: int = 0
    local: Endpoint = field(default_factory=Endpoint)
    remote: Endpoint = field(default_factory=Endpoint)
    annotations: list[tuple[int, str]] = field(default_factory=list)
    tags: dict[str, AttributeValue] = field(default_factory=dict)
    shared: bool = False
    debug: bool = False
    status: tuple[int, str] | None = None

    def start_ns(self, now_ns: int) -> int:
        """When it began; without a time of its own at its first annotation, otherwise now."""
        if self.start_us is not None:
            return self.start_us * _MICROSECOND_NS
        if self.annotations:
            return min(at for at, _ in self.annotations) * _MICROSECOND_NS
        return now_ns

    def end_ns(self, start_ns: int) -> int:
        """When it ended; without a duration at its last annotation when it has no start either."""
        if self.start_us is None and not self.duration_us and self.annotations:
            return max(at for at, _ in self.annotations) * _MICROSECOND_NS
        return start_ns + self.duration_us * _MICROSECOND_NS


def packed_ip(packed: bytes) -> str:
    """An address of 4 or 16 bytes as text; empty for anything else."""
    return str(ipaddress.ip_address(packed)) if len(packed) in {4, 16} and any(packed) else ""


def hex_id(value: object, size: int, place: str) -> bytes:
    """An id of `size` bytes from hexadecimal digits; fewer digits are padded on the left.

    Raises:
        BadInput: Not hexadecimal, empty or too long.
    """
    if not isinstance(value, str) or not 0 < len(value) <= 2 * size or not value.isalnum():
        raise BadInput(f"{place}: expected up to {2 * size} hexadecimal digits, got {value!r:.100}")
    try:
        return bytes.fromhex(value.rjust(2 * size, "0"))
    except ValueError as error:
        raise BadInput(f"{place}: expected hexadecimal digits, got {value!r:.100}") from error
