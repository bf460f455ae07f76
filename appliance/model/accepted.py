"""Partly accepted input is a value, not an exception."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused item: which and why.

    Attributes:
        count: How many items are refused for this reason, this one included.
    """

    index: int
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a door did with a batch.

    Attributes:
        count: Items stored (durably).
        rejected_count: Items refused.
        rejected: The first refusals, at most 20, with reasons.
    """

    count: int
    rejected_count: int = 0
    rejected: tuple[Reject, ...] = field(default=())

    def describe(self) -> str:
        """The reasons in one line, for `error_message` of a partial success."""
        return "; ".join(dict.fromkeys(reject.reason for reject in self.rejected))
