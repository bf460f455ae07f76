"""What to keep: rules by age, a bound in bytes, what pruning did, and how it deletes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from appliance.store.failure import FileDamaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from appliance.model.matcher import Matcher

T = TypeVar("T")
_log = logging.getLogger(__name__)


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

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(
            self.blocks + other.blocks, self.items + other.items, self.bytes + other.bytes
        )


@dataclass(frozen=True, slots=True)
class PrunePass:
    """A retention pass over a signal: when it ended, how long it took, what it removed.

    Attributes:
        failed: It could not be done; the log says why.
    """

    at_ms: int
    seconds: float
    pruned: Pruned
    failed: bool = False


class Deleter(Generic[T]):
    """Deletes blocks in short transactions; those on broken pages stay, and are not tried again.

    Args:
        delete: Deletes some blocks, all or none.
        step: Blocks deleted in one transaction.
    """

    def __init__(self, delete: Callable[[Sequence[T]], Pruned], *, step: int) -> None:
        self._delete = delete
        self._step = step
        self._stuck: set[T] = set()

    def possible(self, blocks: Iterable[T]) -> list[T]:
        """Those of some blocks that are not known to be on broken pages."""
        return [block for block in blocks if block not in self._stuck]

    def run(self, blocks: Sequence[T]) -> Pruned:
        """Delete blocks; returns what is gone.

        Raises:
            Unavailable: The database cannot write.
        """
        gone = Pruned()
        for start in range(0, len(blocks), self._step):
            part = blocks[start : start + self._step]
            try:
                gone += self._delete(part)
            except FileDamaged:
                for block in part:
                    gone += self._delete_one(block)
        return gone

    def _delete_one(self, block: T) -> Pruned:
        try:
            return self._delete([block])
        except FileDamaged as error:
            self._stuck.add(block)
            _log.error("%r cannot be deleted: %s", block, error)
            return Pruned()
