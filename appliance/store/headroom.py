"""The bound of a head: senders that are faster than sealing are sent away, not kept in memory."""

from __future__ import annotations

from appliance.base.errors import Unavailable

#: A head may be so many times as large as what may wait for the writer.
HEAD_FACTOR = 4
MAX_HEAD_BYTES = 512 << 20


def require_room(signal: str, head_bytes: int, limit: int) -> None:
    """Refuse a write while too much is unsealed.

    Args:
        head_bytes: Memory of the head.
        limit: Its bound.

    Raises:
        Unavailable: Until enough has been sealed; the same request succeeds then.
    """
    if head_bytes > limit:
        raise Unavailable(
            f"the {signal} store takes in more than it can seal: {head_bytes} bytes are not in"
            f" blocks yet (limit {limit}, which grows with the setting storage.pending_bytes)",
            retry_after_seconds=5.0,
        )
