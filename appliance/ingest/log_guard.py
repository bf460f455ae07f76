"""The cardinality guard: a stream label whose values explode becomes structured metadata.

Each source of log entries (a client's address, a job of the tail) is watched per label. A label is
demoted when new values of it keep coming, or when it is the widest of a source that has too many
streams: from then on its value is structured metadata of the lines, where filters still find it,
and the streams stay few. It is a label again once its values have been quiet for some time.

Nothing is refused here: there is no number of streams at which pushes fail all at once.

Invariant: what is remembered is bounded, per source and in the number of sources.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.log import MetadataColumn

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.labels import Labels
    from appliance.model.log import Metadata, StreamBatch

_log = logging.getLogger(__name__)
#: The window is looked at in so many slots; new values have to come in most of them.
_SLOTS = 30
_BUSY_SLOTS = 20
_MAX_SOURCES = 1000
#: Names of labels of a source that are watched.
_MAX_LABELS = 1000
#: Values of a label that are remembered, as a multiple of the streams a source may have.
_REMEMBERED = 2
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """When a label is demoted, and when it is let back.

    Attributes:
        values: New values of a label within the window, from one source, that are too many if they
            do not come in a few bursts only, as at the start of many containers.
        window_seconds: See `values`.
        streams: Streams of one source, in use within the quiet time, beyond which the label with
            the most values is demoted.
        quiet_seconds: A demoted label is a label again after this time with few new values.
    """

    values: int = 200
    window_seconds: float = 300.0
    streams: int = 10_000
    quiet_seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Demotion:
    """A label that is structured metadata now.

    Attributes:
        examples: Some of its values.
        since_ms: When it was demoted.
        values: How many values were counted by then.
    """

    tenant: str
    source: str
    label: str
    examples: tuple[str, ...]
    since_ms: int
    values: int


@dataclass(slots=True)
class _Label:
    """Values of one label from one source.

    Attributes:
        seen: Values, oldest first.
        slots: New values by slot of time.
        demotion: Set while it is demoted.
        busy: When its values last came as they do when they explode.
    """

    seen: dict[str, None] = field(default_factory=dict)
    slots: dict[int, int] = field(default_factory=dict)
    demotion: Demotion | None = None
    busy: float = 0.0

    def note(self, value: str, slot: int, limit: int) -> bool:
        """Count a value; whether it is a new one."""
        if value in self.seen:
            return False
        self.seen[value] = None
        self.slots[slot] = self.slots.get(slot, 0) + 1
        if len(self.seen) > limit:
            for old in list(islice(self.seen, limit // 2)):
                del self.seen[old]
        return True

    def explodes(self, slot: int, values: int) -> bool:
        """Whether new values keep coming."""
        self.slots = {at: count for at, count in self.slots.items() if at > slot - _SLOTS}
        return len(self.slots) >= _BUSY_SLOTS and sum(self.slots.values()) >= values


@dataclass(slots=True)
class _Source:
    """What came from one source.

    Attributes:
        streams: Streams and when they last came, monotonic seconds.
    """

    streams: dict[Labels, float] = field(default_factory=dict)
    labels: dict[str, _Label] = field(default_factory=dict)
    demoted: set[str] = field(default_factory=set)

    def make_room(self, count: int) -> None:
        """Forget the older half of the labels when there are too many, but not the demoted ones."""
        if len(self.labels) + count > _MAX_LABELS:
            for name in list(islice(self.labels, len(self.labels) // 2)):
                if name not in self.demoted:
                    del self.labels[name]


class CardinalityGuard:
    """See the module's docstring. May be called from any thread."""

    def __init__(self, limits: GuardLimits, clock: Clock, telemetry: Telemetry) -> None:
        self._limits = limits
        self._clock = clock
        self._sources: OrderedDict[tuple[str, str], _Source] = OrderedDict()
        self._lock = threading.Lock()
        self._counter = telemetry.counter(
            "appliance_ingest_label_demotions_total",
            "Stream labels that became structured metadata, for their values exploded.",
            ("label",),
        )
        telemetry.gauge(
            "appliance_ingest_labels_demoted", "Stream labels that are structured metadata now."
        ).set_function(lambda: float(len(self.demotions())))

    def demotions(self) -> list[Demotion]:
        """Labels that are demoted now, the newest last."""
        with self._lock:
            found = [
                label.demotion
                for source in self._sources.values()
                for label in source.labels.values()
                if label.demotion is not None
            ]
        return sorted(found, key=lambda demotion: demotion.since_ms)

    def apply(
        self, tenant: str, source: str, streams: Sequence[StreamBatch]
    ) -> Sequence[StreamBatch]:
        """The same entries in the streams that they may be in.

        Args:
            source: Who sends them, for people; labels are judged per source.
        """
        with self._lock:
            names = [self._demoted_of(tenant, source, stream.labels) for stream in streams]
        if not any(names):
            return streams
        return [
            demoted(stream, found) if found else stream
            for stream, found in zip(streams, names, strict=True)
        ]

    def _demoted_of(self, tenant: str, source: str, labels: Labels) -> Collection[str]:
        """Labels of a stream that have to be structured metadata."""
        key = tenant, source
        known = self._sources.get(key)
        if known is None:
            known = self._sources[key] = _Source()
            if len(self._sources) > _MAX_SOURCES:
                self._sources.popitem(last=False)
        now = self._clock.monotonic()
        if labels in known.streams:
            known.streams[labels] = now
            return ()
        self._sources.move_to_end(key)
        self._look_at(key, known, labels, now)
        names = [name for name, _ in labels if name in known.demoted]
        if not names:
            known.streams[labels] = now
        return names

    def _look_at(self, key: tuple[str, str], known: _Source, labels: Labels, now: float) -> None:
        """Count the values of a stream that is new, and demote what explodes."""
        limits = self._limits
        known.make_room(len(labels))
        slot = int(now / (limits.window_seconds / _SLOTS))
        for name, value in labels:
            label = known.labels.setdefault(name, _Label())
            is_new = label.note(value, slot, _REMEMBERED * limits.streams)
            if label.demotion is not None:
                self._let_back(known, name, now)
            elif is_new and label.explodes(slot, limits.values):
                self._demote(key, known, name, now)
            if is_new and label.demotion is not None and label.explodes(slot, limits.values):
                label.busy = now
        if len(known.streams) >= limits.streams:
            known.streams = {
                stream: at
                for stream, at in known.streams.items()
                if now - at < limits.quiet_seconds
            }
            if len(known.streams) >= limits.streams:
                self._demote(key, known, _widest(known), now)

    def _let_back(self, known: _Source, name: str, now: float) -> None:
        label = known.labels[name]
        if now - label.busy > self._limits.quiet_seconds:
            _log.info("stream label %r is a label again", name)
            known.labels[name] = _Label()
            known.demoted.discard(name)

    def _demote(self, key: tuple[str, str], known: _Source, name: str, now: float) -> None:
        label, (tenant, source) = known.labels[name], key
        examples = tuple(islice(reversed(label.seen), _EXAMPLES))
        label.demotion = Demotion(
            tenant, source, name, examples, self._clock.now_ms(), len(label.seen)
        )
        label.busy = now
        known.demoted.add(name)
        known.streams = {}
        self._counter.labels(name).inc()
        _log.warning(
            "stream label %r from %s (tenant %s) takes ever new values, such as %s: from now on"
            " it is structured metadata, which is found by | %s=`…`; better take it out of the"
            " labels that the sender sets",
            name,
            source or "an unnamed source",
            tenant,
            ", ".join(map(repr, examples)),
            name,
        )


def _widest(known: _Source) -> str:
    """The label with the most values that is not demoted yet."""
    open_labels = {name: label for name, label in known.labels.items() if not label.demotion}
    return max(open_labels or known.labels, key=lambda name: len(known.labels[name].seen))


def demoted(stream: StreamBatch, names: Collection[str]) -> StreamBatch:
    """A stream with some of its labels as structured metadata of its entries."""
    moved = {name: value for name, value in stream.labels if name in names}
    labels = stream.labels.without(*names)
    if stream.metadata is None:
        ids = np.ones(len(stream.timestamps_ns), dtype=np.int32)
        column = MetadataColumn(((), tuple(sorted(moved.items()))), ids)
    else:
        given = MetadataColumn.of(stream.metadata)
        sets = [_with(pairs, moved) for pairs in given.distinct]
        column = MetadataColumn(((), *sets), given.ids + np.int32(1))
    return replace(stream, labels=labels, metadata=column)


def _with(pairs: Metadata, moved: Mapping[str, str]) -> Metadata:
    """Metadata and a stream's labels; of the same name the label is the one that queries showed."""
    kept = {f"{name}_extracted" if name in moved else name: value for name, value in pairs}
    return tuple(sorted((kept | dict(moved)).items()))
