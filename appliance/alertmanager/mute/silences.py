"""Silences: kept, changed and looked up as Alertmanager does it.

Invariants: a change is durable before it takes effect; matchers of an id never change; which
silences match an alert is found out once per alert and again only for silences made since.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.alertmanager.mute.silence_index import SilenceIndex
from appliance.base.errors import BadInput, NotFound
from appliance.base.tasks import offload, spawn
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.matcher import MatchOp
from appliance.model.silence import Silence, SilenceState
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from appliance.alertmanager.deps import AlertmanagerDeps
    from appliance.alertmanager.metrics import SilenceMetrics
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher

_SECOND_NS = 1_000_000_000
#: So many silences made since are asked one by one; more, and the index is asked.
_FEW = 16


class Silences:
    """All silences; used on the event loop only.

    Attributes:
        changed: Called after silences were set or expired.
    """

    def __init__(self, deps: AlertmanagerDeps, metrics: SilenceMetrics) -> None:
        self._clock = deps.clock
        self._store = deps.store
        self._recorder = deps.recorder
        self._options = deps.options
        self._metrics = metrics
        self._lock = asyncio.Lock()
        self._silences: dict[str, Silence] = {}
        self._index = SilenceIndex()
        #: Ids in the order they were made, and their places in it.
        self._made: list[str] = []
        self._places: dict[str, int] = {}
        #: How many of them were asked for an alert, and those that match.
        self._matching: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.changed: Callable[[], None] = lambda: None
        metrics.count_with(self.count, lambda: len(self._silences))

    async def load(self) -> None:
        """Take over what is stored."""
        for silence in await offload(self._store.load_silences):
            self._silences[silence.id] = silence
        self._rebuild()

    def all(self) -> list[Silence]:
        """All silences, expired ones that are still kept, too, in the order they were made."""
        self._metrics.queries.inc()
        return list(self._silences.values())

    def get(self, silence_id: str) -> Silence:
        """The silence with an id.

        Raises:
            NotFound: There is none.
        """
        self._metrics.queries.inc()
        silence = self._silences.get(silence_id)
        if silence is None:
            raise NotFound("silence not found")
        return silence

    def count(self, state: SilenceState) -> int:
        """How many silences are in a state."""
        now_ns = self._clock.now_ns()
        return sum(silence.state(now_ns) is state for silence in self._silences.values())

    async def set(self, silence: Silence) -> str:
        """Make a silence, or change one when an id is given.

        The id stays if matchers and, of an active one, the start stay. Otherwise the old silence
        expires and a new one takes its place. A start in the past becomes now.

        Returns:
            The id.

        Raises:
            NotFound: An id is given, and there is no such silence.
            BadInput: It is not valid, or there are too many.
            Unavailable: It could not be stored.
        """
        now_ns = self._clock.now_ns()
        silence = replace(silence, starts_ns=silence.starts_ns or now_ns, updated_ns=now_ns)
        _check(silence)
        async with self._lock:
            old = self.get(silence.id) if silence.id else None
            if old is None or not _can_become(old, silence, now_ns):
                self._check_room()
                starts_ns = max(silence.starts_ns, now_ns)
                silence = replace(silence, id=str(uuid.uuid4()), starts_ns=starts_ns)
                over = old is not None and _expired(old, now_ns)
            else:
                over = None
            self._check_size(silence)
            await self._finish([one for one in (over, silence) if one])
        return silence.id

    async def expire(self, silence_id: str) -> None:
        """End a silence now; one that has ended stays as it is.

        Raises:
            NotFound: There is no such silence.
            Unavailable: It could not be stored.
        """
        async with self._lock:
            expired = _expired(self.get(silence_id), self._clock.now_ns())
            if expired is not None:
                await self._finish([expired])

    def silenced_by(self, fingerprint: str, labels: Labels, now_ns: int) -> tuple[str, ...]:
        """Ids of the active silences that match an alert, in the order they were made."""
        if not self._made:
            return ()
        asked, found = self._matching.get(fingerprint, (-1, ()))
        if asked != len(self._made):
            found = (*found, *self._match(labels, asked))
            self._metrics.skipped.inc(max(asked, 0))
            self._matching[fingerprint] = (len(self._made), found)
        if not found:
            return found
        active = (self._silences[one] for one in found if one in self._silences)
        return tuple(one.id for one in active if one.starts_ns <= now_ns < one.ends_ns)

    def forget(self, fingerprints: Iterable[str]) -> None:
        """Drop what is remembered of alerts."""
        for fingerprint in fingerprints:
            self._matching.pop(fingerprint, None)

    async def maintain(self) -> None:
        """Forget silences that expired longer ago than they are kept."""
        self._metrics.maintenances.inc()
        before_ns = self._clock.now_ns() - int(self._options.retention_seconds * _SECOND_NS)
        with self._metrics.gc.time():
            old = [one.id for one in self._silences.values() if one.ends_ns <= before_ns]
            if not old:
                return
            for silence_id in old:
                del self._silences[silence_id]
            self._rebuild()
        await asyncio.wrap_future(self._store.delete_silences(old))

    async def _finish(self, silences: list[Silence]) -> None:
        """Keep silences though the caller goes away, so that memory and store agree."""
        await asyncio.shield(spawn(self._keep(silences), name="silences are kept"))

    async def _keep(self, silences: list[Silence]) -> None:
        await asyncio.wrap_future(self._store.put_silences(silences))
        for silence in silences:
            is_new = silence.id not in self._silences
            self._silences[silence.id] = silence
            if is_new:
                self._index.add(silence)
                self._places[silence.id] = len(self._made)
                self._made.append(silence.id)
            self._recorder.record(_event(silence, is_new=is_new))
        self.changed()

    def _rebuild(self) -> None:
        self._index = SilenceIndex(self._silences.values())
        self._made = list(self._silences)
        self._places = {silence_id: place for place, silence_id in enumerate(self._made)}
        self._matching.clear()

    def _match(self, labels: Labels, asked: int) -> list[str]:
        """Silences that match, of those made since `asked` (-1: all)."""
        with self._metrics.query_duration.time():
            return self._look(labels, asked)

    def _look(self, labels: Labels, asked: int) -> list[str]:
        self._metrics.scanned.inc(len(self._made) - max(asked, 0))
        if asked >= 0 and len(self._made) - asked <= _FEW:
            return [one for one in self._made[asked:] if self._silences[one].matches(labels)]
        found = [one for one in self._index.matching(labels) if self._places[one] >= asked]
        return sorted(found, key=self._places.__getitem__)

    def _check_room(self) -> None:
        limit = self._options.max_silences
        if 0 < limit <= len(self._silences):
            count = len(self._silences)
            raise BadInput(f"exceeded maximum number of silences: {count} (limit: {limit})")

    def _check_size(self, silence: Silence) -> None:
        limit = self._options.max_silence_bytes
        texts = [silence.id, silence.created_by, silence.comment]
        texts += [part for one in silence.matchers for part in (one.name, one.value)]
        texts += [part for pair in silence.annotations.items() for part in pair]
        size = sum(len(text.encode()) for text in texts)
        if 0 < limit < size:
            raise BadInput(f"silence exceeded maximum size: {size} bytes (limit: {limit} bytes)")


def _check(silence: Silence) -> None:
    """Refuse what the original refuses, in its words."""
    if not silence.matchers:
        raise BadInput("invalid silence: at least one matcher required")
    for index, matcher in enumerate(silence.matchers):
        problem = _problem(matcher)
        if problem:
            raise BadInput(f"invalid silence: invalid label matcher {index}: {problem}")
    if all(
        matcher.op in {MatchOp.EQUAL, MatchOp.REGEX} and matcher.matches("")
        for matcher in silence.matchers
    ):
        message = "at least one matcher must not match the empty string"
        raise BadInput(f"invalid silence: {message}")
    if not silence.ends_ns:
        raise BadInput("invalid silence: invalid zero end timestamp")
    if silence.ends_ns < silence.starts_ns:
        raise BadInput("invalid silence: end time must not be before start time")


def _problem(matcher: Matcher) -> str:
    if not matcher.name:
        return f"invalid label name {quote(matcher.name)}"
    try:
        matcher.check()
    except BadInput as error:
        return f"invalid regular expression {quote(matcher.value)}: {error.message}"
    return ""


def _can_become(old: Silence, new: Silence, now_ns: int) -> bool:
    """Whether a change leaves what was silenced up to now as it was."""
    if old.matchers != new.matchers:
        return False
    match old.state(now_ns):
        case SilenceState.ACTIVE:
            same_start = old.starts_ns // _SECOND_NS == new.starts_ns // _SECOND_NS
            return same_start and new.ends_ns >= now_ns
        case SilenceState.PENDING:
            return new.starts_ns >= now_ns
    return False


def _expired(silence: Silence, now_ns: int) -> Silence | None:
    """A silence that ends now; None when it has ended."""
    match silence.state(now_ns):
        case SilenceState.ACTIVE:
            return replace(silence, ends_ns=now_ns, updated_ns=now_ns)
        case SilenceState.PENDING:
            return replace(silence, starts_ns=now_ns, ends_ns=now_ns, updated_ns=now_ns)
    return None


def _event(silence: Silence, *, is_new: bool) -> AlertEvent:
    detail = {
        "silence": silence.id,
        "change": "made" if is_new else "changed",
        "matchers": [str(matcher) for matcher in silence.matchers],
        "starts_ns": silence.starts_ns,
        "ends_ns": silence.ends_ns,
        "created_by": silence.created_by,
        "comment": silence.comment,
    }
    return AlertEvent(silence.updated_ns, EventKind.SILENCED, detail=detail)
