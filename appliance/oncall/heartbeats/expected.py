"""Waits for signs of life of others; one that is missing is an alert, `HeartbeatMissing`.

Invariants: when it came last, and whether it is missing, outlives a restart; a heartbeat that could
not come because the server was down is waited for anew.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from appliance.base.errors import ApplianceError, NotFound
from appliance.base.tasks import attempt, offload, spawn
from appliance.model.alert import Alert
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.model.matcher import matches_all
from appliance.oncall.deps import stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.alertmanager.dispatch.agenda import Agenda, Entry
    from appliance.oncall.config import ExpectedHeartbeat, Heartbeats
    from appliance.oncall.deps import OncallDeps
    from appliance.oncall.metrics import HeartbeatMetrics

_log = logging.getLogger(__name__)
_KIND = "heartbeat"
_MS_NS, _MINUTE_NS = 1_000_000, 60 * 10**9
#: An alert that goes on is reported again so often, and lasts so long without.
_RESEND_SECONDS, _LASTS_NS = 60.0, 5 * _MINUTE_NS


@dataclass(slots=True)
class Beat:
    """One heartbeat.

    Attributes:
        seen_ns: When it came last; 0: never.
        since_ns: From when on it is waited for, if that is later.
        missing_ns: Since when it is missing; 0: it is not.
    """

    config: ExpectedHeartbeat
    since_ns: int
    seen_ns: int = 0
    missing_ns: int = 0

    @property
    def due_ns(self) -> int:
        """When it is missing unless it comes."""
        wait_ms = int(self.config.every) + int(self.config.grace)
        return max(self.seen_ns, self.since_ns) + wait_ms * _MS_NS

    @property
    def labels(self) -> Labels:
        """Of the alert."""
        own = {"alertname": "HeartbeatMissing", "heartbeat": self.config.name}
        return Labels.of(dict(self.config.labels) | own)


class Expected:
    """Used on the event loop only."""

    def __init__(self, deps: OncallDeps, agenda: Agenda, metrics: HeartbeatMetrics) -> None:
        self._deps = deps
        self._agenda = agenda
        self._metrics = metrics
        self._beats: dict[str, Beat] = {}
        self._entries: dict[str, Entry] = {}

    def all(self) -> list[Beat]:
        """All that are expected."""
        return list(self._beats.values())

    def get(self, name: str) -> Beat:
        """One of them.

        Raises:
            NotFound: It is not expected.
        """
        if name not in self._beats:
            raise NotFound(f"no heartbeat {name[:100]!r} is expected; see heartbeats in oncall.yml")
        return self._beats[name]

    async def apply(self, config: Heartbeats) -> None:
        """Expect these from now on."""
        for entry in self._entries.values():
            entry.cancel()
        self._entries.clear()
        before, self._beats = self._beats, {}
        kept = {}
        if config.expected or before:
            kept = await offload(self._deps.store.documents, _KIND)
        now_ns = self._deps.clock.now_ns()
        for one in config.expected:
            known = before.get(one.name)
            since_ns = known.since_ns if known else now_ns
            last = kept.get(one.name, {})
            seen_ns, missing_ns = last.get("seen_ns", 0), last.get("missing_ns", 0)
            if known is not None:
                seen_ns, missing_ns = known.seen_ns, known.missing_ns
            beat = Beat(one, since_ns, seen_ns, missing_ns)
            self._beats[one.name] = beat
            self._show(beat)
            self._look(beat)
        for name, beat in before.items():
            if name not in self._beats:
                self._start(self._give_up(beat))

    async def beat(self, name: str, *, via: str = "api") -> Beat:
        """It came; when this returns, that is durable.

        Raises:
            NotFound: It is not expected.
        """
        found = self.get(name)
        self._came(found, self._deps.clock.now_ns(), via)
        await self._store(found)
        return found

    # -- inside

    def _look(self, beat: Beat) -> None:
        """Find out whether it is missing; again when it may be, or while it is."""
        name, now_ns = beat.config.name, self._deps.clock.now_ns()
        if self._beats.get(name) is not beat:
            return
        alert_ns = self._reported_ns(beat)
        if alert_ns > beat.seen_ns:
            self._came(beat, alert_ns, "alert")
            self._start(self._store(beat))
        if not beat.missing_ns and now_ns >= beat.due_ns:
            self._miss(beat, now_ns)
        if beat.missing_ns:
            self._start(self._report(beat, now_ns + _LASTS_NS))
            seconds = _RESEND_SECONDS
            if beat.config.match is not None:
                seconds = min(seconds, max(beat.config.every.seconds / 2, 1.0))
        else:
            seconds = max((beat.due_ns - now_ns) / 1e9, 0.001)
        if (entry := self._entries.get(name)) is not None:
            entry.cancel()
        self._entries[name] = self._agenda.after(seconds, lambda: self._look(beat))

    def _reported_ns(self, beat: Beat) -> int:
        """When an alert that counts as a sign of life was last reported; 0: never."""
        matchers = beat.config.match
        if matchers is None:
            return 0
        firing = self._deps.alertmanager.firing()
        return max(
            (one.updated_ns for one in firing if matches_all(matchers, one.labels)), default=0
        )

    def _came(self, beat: Beat, at_ns: int, via: str) -> None:
        beat.seen_ns = at_ns
        was_missing_ns, beat.missing_ns = beat.missing_ns, 0
        self._show(beat)
        if was_missing_ns:
            self._note(beat, "back", via=via)
            self._start(self._report(beat, at_ns, starts_ns=was_missing_ns))
            self._look(beat)

    def _miss(self, beat: Beat, now_ns: int) -> None:
        beat.missing_ns = now_ns
        self._show(beat)
        self._note(beat, "missing", last_seen_ns=str(beat.seen_ns))
        _log.warning("heartbeat %s is missing", beat.config.name)
        self._start(self._store(beat))

    async def _report(self, beat: Beat, ends_ns: int, *, starts_ns: int = 0) -> None:
        """Tell the Alertmanager that it is missing until a time."""
        alert = Alert(
            beat.labels,
            _annotations(beat),
            starts_ns or beat.missing_ns,
            ends_ns,
            self._deps.clock.now_ns(),
        )
        try:
            await self._deps.alertmanager.put([alert])
        except ApplianceError as error:
            _log.error("heartbeat %s: its alert was not taken: %s", beat.config.name, error)

    async def _give_up(self, beat: Beat) -> None:
        """It is not expected any more."""
        if beat.missing_ns:
            await self._report(beat, self._deps.clock.now_ns())
        name = beat.config.name
        await stored(partial(self._deps.store.delete_document, _KIND, name), "a heartbeat")

    async def _store(self, beat: Beat) -> None:
        document = {"seen_ns": beat.seen_ns, "missing_ns": beat.missing_ns}
        name = beat.config.name
        await stored(partial(self._deps.store.put_document, _KIND, name, document), "a heartbeat")

    def _show(self, beat: Beat) -> None:
        name = beat.config.name
        self._metrics.is_missing.labels(name).set(bool(beat.missing_ns))
        self._metrics.last_seen.labels(name).set(beat.seen_ns / 1e9)

    def _note(self, beat: Beat, state: str, **more: Any) -> None:
        detail = {"heartbeat": beat.config.name, "direction": "expected", "state": state, **more}
        alert = Alert(beat.labels, {}, 0, 0, 0)
        now_ns = self._deps.clock.now_ns()
        self._deps.recorder.record(
            AlertEvent(now_ns, EventKind.HEARTBEAT, (alert.fingerprint,), detail=detail)
        )

    @staticmethod
    def _start(work: Any) -> None:
        spawn(attempt(work, name="heartbeat"), name="heartbeat")


def _annotations(beat: Beat) -> Mapping[str, str]:
    every = beat.config.every
    name = beat.config.name
    text = f"The heartbeat {name} is missing; it should come every {every}."
    return {"summary": text} | dict(beat.config.annotations)
