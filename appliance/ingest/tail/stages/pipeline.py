"""The stages of one job, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from appliance.base.errors import BadInput
from appliance.ingest.tail.metric_vectors import VectorRegistry
from appliance.ingest.tail.stages.context import StageContext
from appliance.ingest.tail.stages.docker import Cri, Docker
from appliance.ingest.tail.stages.drop import WAITING_ENTRIES, Drop, Limit, Sampling
from appliance.ingest.tail.stages.json_fields import JsonFields
from appliance.ingest.tail.stages.labels import (
    LabelAllow,
    LabelDrop,
    Labels,
    Output,
    StaticLabels,
    StructuredMetadata,
    StructuredMetadataDrop,
    Tenant,
)
from appliance.ingest.tail.stages.logfmt import Logfmt
from appliance.ingest.tail.stages.match import Match
from appliance.ingest.tail.stages.metrics import Metrics
from appliance.ingest.tail.stages.multiline import Multiline
from appliance.ingest.tail.stages.pack import Decolorize, Pack
from appliance.ingest.tail.stages.regex import PatternFields, Regex, Replace
from appliance.ingest.tail.stages.template import Template
from appliance.ingest.tail.stages.timestamp import Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import Stage
    from appliance.ingest.tail.stages.context import HoldingStage, RunningStage


class Pipeline:
    """An `EntryPipeline`; see there.

    Args:
        stages: As configured; those that are not available are left out.
        job: For messages.

    Attributes:
        stages: (name, stage) in order.

    Raises:
        BadInput: A stage cannot work as it is configured; the message names it.
    """

    def __init__(
        self, stages: Iterable[Stage], job: str = "", *, context: StageContext | None = None
    ) -> None:
        self.job = job
        self.stages: list[tuple[str, RunningStage]] = []
        used = context or StageContext()
        for config in stages:
            name = config.name
            try:
                stage = _made(config, job, used)
            except BadInput as error:
                raise BadInput(f"job {job!r}: invalid {name} stage: {error.message}") from error
            if stage is not None:
                self.stages.append((name, stage))
        self._holding = [
            (number, cast("HoldingStage", stage))
            for number, (_, stage) in enumerate(self.stages)
            if hasattr(stage, "flush")
        ]

    def process(self, entries: Sequence[Entry]) -> list[Entry]:
        """What comes out for some entries, in order; some may be held back or dropped."""
        found = list(entries)
        for entry in found:
            entry.extracted.update(entry.labels)
        return self._run(found, 0)

    def flush(self, now: float) -> list[Entry]:
        """What was held back for too long.

        Args:
            now: Monotonic seconds; infinity gives out everything.
        """
        found: list[Entry] = []
        for number, stage in self._holding:
            released = stage.flush(now)
            if released:
                found += self._run(released, number + 1)
        return found

    def held(self) -> list[Entry]:
        """Entries that are held back, as joined so far."""
        return [entry for _, stage in self._holding for entry in stage.held()]

    @property
    def is_full(self) -> bool:
        """Whether so many entries wait for the rate of a limit stage that no more should come."""
        return any(len(stage.held()) > WAITING_ENTRIES for _, stage in self._holding)

    def _run(self, entries: list[Entry], first: int) -> list[Entry]:
        for _, stage in self.stages[first:]:
            if not entries:
                break
            entries = stage.run(entries)
        return entries


def faults(stages: Iterable[Stage]) -> Iterator[tuple[Stage, str]]:
    """Stages that cannot work as they are configured, those within `match` included, and why."""
    context = StageContext()
    for config in stages:
        inner = config.match.stages if config.match is not None else ()
        found = list(faults(inner))
        yield from found
        try:
            if not found:
                _made(config, "", context)
        except BadInput as error:
            yield config, error.message


def _made(config: Stage, job: str, context: StageContext) -> RunningStage | None:
    """A stage at work; None for one that is not available."""
    name = config.name
    own = getattr(config, name)
    if name == "match":
        inner_job = f"{job}_{own.pipeline_name}" if own.pipeline_name else job
        inner = Pipeline(own.stages, inner_job, context=context) if own.stages else None
        return Match(own, inner, context)
    make = _STAGES.get(name)
    return None if make is None else make(own, context)


def _metrics(config: Any, context: StageContext) -> Metrics:
    metrics = context.metrics
    registry = VectorRegistry(context.clock) if metrics is None else metrics.vectors
    return Metrics(config, registry, context.clock)


_STAGES: dict[str, Callable[[Any, StageContext], RunningStage]] = {
    "cri": lambda config, context: Cri(config, context.clock),
    "decolorize": lambda _config, _context: Decolorize(),
    "docker": lambda _config, context: Docker(context.clock),
    "drop": Drop,
    "json": lambda config, _context: JsonFields(config),
    "labelallow": lambda config, _context: LabelAllow(config),
    "labeldrop": lambda config, _context: LabelDrop(config),
    "labels": lambda config, _context: Labels(config),
    "limit": Limit,
    "logfmt": lambda config, _context: Logfmt(config),
    "metrics": _metrics,
    "multiline": lambda config, context: Multiline(config, context.clock),
    "non_indexed_labels": lambda config, _context: StructuredMetadata(config),
    "output": lambda config, _context: Output(config),
    "pack": lambda config, context: Pack(config, context.clock),
    "pattern": lambda config, _context: PatternFields(config),
    "regex": lambda config, _context: Regex(config),
    "replace": lambda config, _context: Replace(config),
    "sampling": Sampling,
    "static_labels": lambda config, _context: StaticLabels(config),
    "structured_metadata": lambda config, _context: StructuredMetadata(config),
    "structured_metadata_drop": lambda config, _context: StructuredMetadataDrop(config),
    "template": lambda config, _context: Template(config),
    "tenant": lambda config, _context: Tenant(config),
    "timestamp": lambda config, context: Timestamp(config, context.clock),
}
