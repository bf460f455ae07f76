"""Settings of how data goes to disk."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from appliance.config.scalars import ByteSize, Duration
from appliance.config.schema import section

if TYPE_CHECKING:
    from appliance.config.report import Report


class Synchronous(Enum):
    """What an acknowledgement promises."""

    FULL = "full"
    NORMAL = "normal"


@section
class Storage:
    """How data goes to disk.

    Attributes:
        synchronous: `full` survives a power cut, `normal` a crash of the process.
        pending_bytes: What may wait for a signal's writer before writes are refused.
        seal_interval: How often the heads are looked over for what can be sealed.
        seal_always: Seal whatever is in a head at every look (for tests).
        cache_bytes: Decoded blocks kept in memory.
        readers: Most read connections per signal.
    """

    synchronous: Synchronous = Synchronous.FULL
    pending_bytes: ByteSize = ByteSize(128 << 20)
    seal_interval: Duration = Duration(5_000)
    seal_always: bool = False
    cache_bytes: ByteSize = ByteSize(96 << 20)
    readers: int = 8

    def check(self, report: Report) -> None:
        """Refuse what nothing could be done with."""
        for name, least in (("pending_bytes", 1 << 20), ("seal_interval", 10), ("readers", 1)):
            if getattr(self, name) < least:
                shown = {"pending_bytes": "1MiB", "seal_interval": "10ms"}.get(name, str(least))
                report.error(self, name, f"{getattr(self, name)} is too little; at least {shown}")
