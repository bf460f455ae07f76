"""Partly accepted input is a value, not an exception."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused item: which and why.

    Attributes:
        count: How many items are refused for this reason, this one included.
    """

    index: int
    reason: str
    count: int = 1


class Origin(NamedTuple):
    """Who made items: a service, and the SDK it has been instrumented with (empty: unknown)."""

    service: str
    sdk: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a door did with a batch.

    Attributes:
        count: Items stored (durably).
        rejected_count: Items refused.
        rejected: The first refusals, at most 20, with reasons.
        origins: Whose items they were, as far as a glance tells; the first ones.
    """

    count: int
    rejected_count: int = 0
    rejected: tuple[Reject, ...] = field(default=())
    origins: tuple[Origin, ...] = ()

    def made_by(self, origins: tuple[Origin, ...]) -> Accepted:
        """The same with its origins."""
        return replace(self, origins=origins)

    def describe(self) -> str:
        """The reasons in one line, for `error_message` of a partial success."""
        return "; ".join(dict.fromkeys(reject.reason for reject in self.rejected))
