"""Reading a protobuf request, and counting what it holds that cannot be kept."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.accepted import Reject

#: Refusals that are reported one by one.
SHOWN_REJECTS = 20
#: Times beyond this do not fit an int64 of nanoseconds (the year 2262).
MAX_NS = 2**63 - 1


def parse(message_type: Any, body: bytes, *, name: str = "") -> Any:
    """The message in a body.

    Args:
        name: What to call it, if not by its own name.

    Raises:
        BadInput: The body is not such a message.
    """
    try:
        return message_type.FromString(body)
    except DecodeError as error:
        shown = name or message_type.DESCRIPTOR.name
        raise BadInput(f"body is not a protobuf {shown}: {error}") from error


class Rejects:
    """Refused items of one request.

    Attributes:
        items: One per refused item, in order. From `SHOWN_REJECTS` on they are all the same object,
            so that a request full of rubbish costs little: only their number counts then.
    """

    def __init__(self) -> None:
        self.items: list[Reject] = []

    def add(self, index: int, reason: str, *, count: int = 1) -> None:
        """Refuse the item at an index (or `count` items from there on)."""
        room = max(0, min(count, SHOWN_REJECTS - len(self.items)))
        self.items += [Reject(index + offset, reason) for offset in range(room)]
        if count > room:
            self.items += [self.items[-1]] * (count - room)
