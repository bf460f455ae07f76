"""Whether an integration has something to tell, by what it told last (Alertmanager 0.34, dedup)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.model.notification import LogEntry


class Reason(Enum):
    """Why a notification is sent; the texts are Alertmanager's `notification_reason`."""

    NONE = "none"
    FIRST = "first notification"
    NEW_ALERTS = "new alerts added"
    SOME_RESOLVED = "some alerts resolved"
    ALL_RESOLVED = "all alerts resolved"
    REPEAT = "repeat interval elapsed"


def decide(
    entry: LogEntry | None,
    firing: frozenset[str],
    resolved: frozenset[str],
    *,
    now_ns: int,
    repeat_ns: int,
    send_resolved: bool,
) -> Reason:
    """What a tick of a group means for one integration.

    Args:
        entry: What was told last; None if nothing was. Sent at 0: it is not known whether it was.
        firing, resolved: Fingerprints of the group's alerts now.
    """
    if entry is None or (firing and not entry.sent_ns):
        return Reason.FIRST if firing else Reason.NONE
    if not firing <= entry.firing:
        # After a resolution that was told, the group begins anew.
        return Reason.NEW_ALERTS if entry.firing else Reason.FIRST
    if not firing:
        # Told whatever `send_resolved` says, so that the log knows that nothing fires; what fired
        # and ended between two ticks was never told of.
        return Reason.ALL_RESOLVED if entry.firing else Reason.NONE
    if send_resolved and not resolved <= entry.resolved:
        return Reason.SOME_RESOLVED
    # Told further ahead than it is repeated: the clock was wrong then, and is not waited for.
    is_due = abs(now_ns - entry.sent_ns) > repeat_ns
    return Reason.REPEAT if is_due else Reason.NONE
