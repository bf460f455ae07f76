"""Acknowledgements: somebody takes care of an alert, or of all alerts of a group.

An acknowledgement does not silence. It ends escalations and keeps receivers that escalations page
from being told again of what they know; everybody else goes on being told as routes say.

Invariants: an acknowledgement of an alert ends when the alert does, one of a group when none of the
group's alerts fires any more, each at its own end at the latest; what `add` returned from is
durable.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput, NotFound
from appliance.base.tasks import attempt, offload, spawn
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.oncall.deps import stored

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from appliance.alertmanager.dispatch.agenda import Agenda, Entry
    from appliance.model.alert import Alert
    from appliance.oncall.deps import OncallDeps
    from appliance.oncall.metrics import OncallMetrics

_KIND = "ack"
_MOST_CHARS = 2000
_END = "the end of an acknowledgement"


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement.

    Attributes:
        kind: `alert` or `group`.
        key: A fingerprint or a group's key.
        via: `api`, `link` or `pagerduty`.
        expires_ns: 0: when the alert ends.
    """

    kind: str
    key: str
    by: str
    comment: str
    at_ns: int
    via: str = "api"
    expires_ns: int = 0

    @property
    def name(self) -> str:
        """What it is stored under."""
        return f"{self.kind}:{self.key}"


class Acks:
    """All acknowledgements that hold; used on the event loop only.

    Args:
        changed: Told fingerprints of firing alerts whose acknowledgement came or went.
    """

    def __init__(
        self,
        deps: OncallDeps,
        agenda: Agenda,
        metrics: OncallMetrics,
        changed: Callable[[Collection[str]], None],
    ) -> None:
        self._deps = deps
        self._agenda = agenda
        self._metrics = metrics
        self._changed = changed
        self._firing: dict[str, Alert] = {}
        self._acks: dict[tuple[str, str], Ack] = {}
        self._members: dict[str, set[str]] = {}  # of acknowledged groups: alerts that fire
        self._groups: dict[str, set[str]] = {}  # the other way round
        self._ends: dict[tuple[str, str], Entry] = {}
        self._timed: set[str] = set()  # alerts whose time to the first acknowledgement is known

    # -- to be asked

    def of(self, fingerprint: str) -> Ack | None:
        """The acknowledgement that holds for an alert."""
        found = self._acks.get(("alert", fingerprint))
        if found is None:
            for key in self._groups.get(fingerprint, ()):
                return self._acks.get(("group", key))
        return found

    def all(self) -> list[Ack]:
        """All that hold, the oldest first."""
        return sorted(self._acks.values(), key=lambda ack: ack.at_ns)

    def members(self, ack: Ack) -> list[str]:
        """Fingerprints of the alerts that it holds for."""
        return [ack.key] if ack.kind == "alert" else sorted(self._members.get(ack.key, ()))

    # -- they come and go

    async def load(self) -> None:
        """Take over what is stored; call it when it is known which alerts fire."""
        now_ns = self._deps.clock.now_ns()
        self._firing = {one.fingerprint: one for one in self._deps.alertmanager.firing()}
        for document in (await offload(self._deps.store.documents, _KIND)).values():
            ack = Ack(**document)
            self._timed.update(self._hold(ack))
            if not self.members(ack) or 0 < ack.expires_ns <= now_ns:
                self._forget(ack)
        self._count()

    async def add(self, ack: Ack) -> None:
        """Acknowledge; a later one takes the place of an earlier one.

        Raises:
            NotFound: No such alert fires.
            BadInput: It would be over at once, or its texts are too long.
        """
        now_ns = self._deps.clock.now_ns()
        if 0 < ack.expires_ns <= now_ns:
            raise BadInput("the acknowledgement would be over already; let it end in the future")
        if len(ack.by) + len(ack.comment) > _MOST_CHARS:
            raise BadInput(f"name and comment have more than {_MOST_CHARS} characters")
        fresh = [one for one in self._matched(ack) if self.of(one.fingerprint) is None]
        if not self._hold(ack):
            raise NotFound(f"no {ack.kind} {ack.key!r} fires")
        self._time(fresh, now_ns)
        self._count()
        members = self.members(ack)
        detail = {"by": ack.by, "comment": ack.comment, "via": ack.via, "of": ack.kind}
        if ack.expires_ns:
            detail["until_ns"] = str(ack.expires_ns)
        self._record(EventKind.ACKED, ack, members, detail)
        self._changed(members)
        document = dataclasses.asdict(ack)
        await stored(
            lambda: self._deps.store.put_document(_KIND, ack.name, document), "an acknowledgement"
        )

    async def remove(self, kind: str, key: str, *, by: str, via: str = "api") -> None:
        """Take one back.

        Raises:
            NotFound: There is none.
        """
        ack = self._acks.get((kind, key))
        if ack is None:
            raise NotFound(f"{kind} {key!r} is not acknowledged")
        self._end(ack, {"by": by, "via": via, "of": kind})
        await stored(lambda: self._deps.store.delete_document(_KIND, ack.name), _END)

    def fired(self, alert: Alert) -> None:
        """An alert has begun to fire: it may belong to a group that is acknowledged."""
        self._firing[alert.fingerprint] = alert
        if not self._members:
            return
        for key in group_keys(self._deps, alert) & self._members.keys():
            self._join(key, alert.fingerprint)

    def resolved(self, fingerprint: str) -> None:
        """An alert is over."""
        self._firing.pop(fingerprint, None)
        self._timed.discard(fingerprint)
        ack = self._acks.get(("alert", fingerprint))
        if ack is not None:
            self._forget(ack)
        for key in self._groups.pop(fingerprint, set()):
            members = self._members[key]
            members.discard(fingerprint)
            if not members:
                self._forget(self._acks["group", key])
        self._count()

    def regroup(self) -> None:
        """Routes are others now: groups that are not there any more are not acknowledged."""
        for ack in [one for one in self._acks.values() if one.kind == "group"]:
            before = set(self._members.get(ack.key, ()))
            self._leave(ack.key)
            if not self._hold(ack):
                self._forget(ack)
            self._changed(before ^ set(self.members(ack)))
        self._count()

    # -- inside

    def _matched(self, ack: Ack) -> list[Alert]:
        if ack.kind == "alert":
            found = self._firing.get(ack.key)
            return [] if found is None else [found]
        return [one for one in self._firing.values() if ack.key in group_keys(self._deps, one)]

    def _hold(self, ack: Ack) -> set[str]:
        """Let one hold; the alerts that it holds for."""
        found = {alert.fingerprint for alert in self._matched(ack)}
        if not found:
            return found
        where = (ack.kind, ack.key)
        self._acks[where] = ack
        if ack.kind == "group":
            for fingerprint in found:
                self._join(ack.key, fingerprint)
        self._cancel_end(where)
        if ack.expires_ns:
            seconds = (ack.expires_ns - self._deps.clock.now_ns()) / 1e9
            self._ends[where] = self._agenda.after(seconds, lambda: self._expire(ack))
        return found

    def _join(self, key: str, fingerprint: str) -> None:
        self._members.setdefault(key, set()).add(fingerprint)
        self._groups.setdefault(fingerprint, set()).add(key)

    def _leave(self, key: str) -> None:
        for fingerprint in self._members.pop(key, set()):
            self._groups[fingerprint].discard(key)
            if not self._groups[fingerprint]:
                del self._groups[fingerprint]

    def _expire(self, ack: Ack) -> None:
        if self._acks.get((ack.kind, ack.key)) is ack:
            self._end(ack, {"by": "", "via": "expiry", "of": ack.kind})

    def _end(self, ack: Ack, detail: Mapping[str, object]) -> None:
        members = self.members(ack)
        self._forget(ack)
        self._count()
        self._record(EventKind.UNACKED, ack, members, detail)
        self._changed(members)

    def _forget(self, ack: Ack) -> None:
        where = (ack.kind, ack.key)
        self._acks.pop(where, None)
        self._cancel_end(where)
        if ack.kind == "group":
            self._leave(ack.key)
        gone = stored(lambda: self._deps.store.delete_document(_KIND, ack.name), _END)
        spawn(attempt(gone, name=_END), name=_END)

    def _cancel_end(self, where: tuple[str, str]) -> None:
        entry = self._ends.pop(where, None)
        if entry is not None:
            entry.cancel()

    def _time(self, alerts: Sequence[Alert], now_ns: int) -> None:
        for alert in alerts:
            if alert.fingerprint not in self._timed:
                self._timed.add(alert.fingerprint)
                self._metrics.acked(alert.labels.get("severity"), (now_ns - alert.starts_ns) / 1e9)

    def _count(self) -> None:
        self._metrics.acks.set(len(self._acks))

    def _record(
        self, kind: EventKind, ack: Ack, members: Sequence[str], detail: Mapping[str, Any]
    ) -> None:
        group = ack.key if ack.kind == "group" else ""
        now_ns = self._deps.clock.now_ns()
        self._deps.recorder.record(AlertEvent(now_ns, kind, tuple(members), group, detail=detail))


def group_keys(deps: OncallDeps, alert: Alert) -> set[str]:
    """Keys of the groups that an alert belongs to."""
    routes = deps.alertmanager.routes_of(alert)
    return {route.group_key(route.group_labels(alert.labels)) for route in routes}
