"""What stages need beside their own configuration, and what a stage is."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from appliance.base.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.base.clock import Clock
    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stages.metrics import PipelineMetrics


@dataclass(frozen=True, slots=True)
class StageContext:
    """What all stages of a pipeline share.

    Attributes:
        metrics: None when nothing is counted, as in a dry run.
    """

    clock: Clock = field(default_factory=SystemClock)
    metrics: PipelineMetrics | None = None
    chance: random.Random = field(default_factory=random.Random)

    def count_dropped(self, reason: str, count: int = 1) -> None:
        """Entries were dropped by a stage."""
        if self.metrics is not None:
            self.metrics.dropped.labels(reason).inc(count)


class RunningStage(Protocol):
    """A stage at work; used by one thread at a time.

    Entries may be changed in place. Invariant: `run` keeps the order of entries of one stream.
    """

    def run(self, entries: list[Entry]) -> list[Entry]:
        """What comes out for some entries."""
        ...


class HoldingStage(RunningStage, Protocol):
    """A stage that may keep entries back for a while."""

    def flush(self, now: float) -> list[Entry]:
        """What was held for too long.

        Args:
            now: Monotonic seconds; infinity gives out everything.
        """
        ...

    def held(self) -> Sequence[Entry]:
        """Entries that are held, as joined so far."""
        ...
