"""Reading a protobuf request, and counting what it holds that cannot be kept."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.accepted import Accepted, Reject

#: Refusals that are reported one by one; the rest is only counted.
SHOWN_REJECTS = 20
#: Times beyond this do not fit an int64 of nanoseconds (the year 2262).
MAX_NS = 2**63 - 1


def parse(message_type: Any, body: bytes) -> Any:
    """The message in a body.

    Raises:
        BadInput: The body is not such a message.
    """
    try:
        return message_type.FromString(body)
    except DecodeError as error:
        name = message_type.DESCRIPTOR.name
        raise BadInput(f"body is not a protobuf {name}: {error}") from error


class Rejects:
    """Refused items of one request."""

    def __init__(self) -> None:
        self.count = 0
        self._shown: list[Reject] = []

    def add(self, index: int, reason: str, *, count: int = 1) -> None:
        """Refuse the item at an index (or `count` items from there on)."""
        self.count += count
        if len(self._shown) < SHOWN_REJECTS:
            self._shown.append(Reject(index, reason))

    def accepted(self, count: int) -> Accepted:
        """The outcome, given how many items are kept."""
        return Accepted(count, self.count, tuple(self._shown))
