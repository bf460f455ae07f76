"""What each stage of a promtail pipeline does to each line, as promtail's `--inspect` shows it."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from appliance.gotemplate.times import Time
from appliance.ingest.tail.stages.values import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stages.context import RunningStage

_TIME_LAYOUT = "2006-01-02T15:04:05.999999999Z07:00"


class Change(NamedTuple):
    """One thing that a stage changed; an absent side is None."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a stage did to an entry.

    Attributes:
        outcome: Empty when the entry went on; else `dropped` or `held back`.
    """

    stage: str
    changes: Sequence[Change]
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """An entry that a stage had held back, as it leaves the stage."""

    stage: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Out:
    """An entry that leaves the last stage."""

    entry: Entry


Step = Effect | Released | Out


class Tracer:
    """Sends entries through stages one by one; their origins have to differ.

    Args:
        stages: (name, stage) in order.
    """

    def __init__(self, stages: Sequence[tuple[str, RunningStage]]) -> None:
        self._stages = stages

    def trace(self, entry: Entry) -> Iterator[Step]:
        """What becomes of an entry, and of others that come out because of it."""
        entry.extracted.update(entry.labels)
        yield from self._follow(entry, 0)

    def finish(self) -> Iterator[Step]:
        """What stages have held back until the end."""
        for index, (name, stage) in enumerate(self._stages):
            flush = getattr(stage, "flush", None)
            for entry in () if flush is None else flush(math.inf):
                yield Released(name, copy.deepcopy(entry))
                yield from self._follow(entry, index + 1)

    def _follow(self, entry: Entry, first: int) -> Iterator[Step]:
        for index, (name, stage) in enumerate(self._stages[first:], first):
            before = copy.deepcopy(entry)
            found = stage.run([entry])
            stays = any(other is entry for other in found)
            if stays:
                yield Effect(name, changes_of(before, entry))
            else:
                yield Effect(name, (), "held back" if _is_held(stage, before) else "dropped")
            for other in found:
                if other is not entry:
                    yield Released(name, copy.deepcopy(other))
                    yield from self._follow(other, index + 1)
            if not stays:
                return
        yield Out(entry)


def _is_held(stage: RunningStage, entry: Entry) -> bool:
    held = getattr(stage, "held", None)
    origins = set(entry.origins)
    return held is not None and any(origins & set(other.origins) for other in held())


def changes_of(before: Entry, after: Entry) -> list[Change]:
    """What differs between two states of an entry."""
    found: list[Change] = []
    if before.line != after.line:
        found.append(Change("line", before.line, after.line))
    if before.time_ns != after.time_ns:
        found.append(Change("time", shown_time(before.time_ns), shown_time(after.time_ns)))
    found += _map_changes("label", before.labels, after.labels)
    found += _map_changes("extracted", before.extracted, after.extracted)
    found += _map_changes("metadata", before.metadata, after.metadata)
    if before.tenant != after.tenant:
        found.append(Change("tenant", before.tenant or None, after.tenant or None))
    return found


def _map_changes(
    what: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        old, new = (_shown(values, name) for values in (before, after))
        if old != new:
            yield Change(f"{what} {name}", old, new)


def _shown(values: Mapping[str, Any], name: str) -> str | None:
    if name not in values:
        return None
    text = text_of(values[name])
    return "null" if text is None else text


def shown_time(time_ns: int) -> str:
    """A time for people."""
    return Time(time_ns).format(_TIME_LAYOUT)
