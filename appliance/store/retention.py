"""What to keep: rules by age, a bound in bytes, and what pruning did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.model.matcher import Matcher


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Data of a tenant (None: of every tenant) that matches is kept for `max_age_ms`.

    Attributes:
        matchers: Label sets the rule is about; empty means all. Ignored by traces.
    """

    max_age_ms: int
    tenant: str | None = None
    matchers: tuple[Matcher, ...] = ()


@dataclass(frozen=True, slots=True)
class Retention:
    """Rules of one signal, the most specific first: the first that fits decides.

    Attributes:
        max_bytes: Live bytes the file may have; over it the oldest blocks go. None: no bound.
    """

    rules: tuple[RetentionRule, ...] = ()
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Pruned:
    """What one retention pass removed."""

    blocks: int = 0
    items: int = 0
    bytes: int = field(default=0)
