"""On-call duty as one component: acknowledgements, rotas, escalations, heartbeats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from appliance.alertmanager.dispatch.agenda import Agenda
from appliance.alertmanager.views import ChangeKind
from appliance.base.errors import BadInput, NotFound
from appliance.oncall.acks import Ack, Acks
from appliance.oncall.calendars import Calendars
from appliance.oncall.engine import Escalations
from appliance.oncall.escalation import group_of
from appliance.oncall.heartbeats.expected import Expected
from appliance.oncall.heartbeats.outgoing import Outgoing
from appliance.oncall.links import Claim, Links
from appliance.oncall.metrics import HeartbeatMetrics, OncallMetrics
from appliance.oncall.overrides import Overrides
from appliance.oncall.pagerduty import IncidentEvent, find_group
from appliance.oncall.roster import Roster

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from appliance.alertmanager.views import AlertChange
    from appliance.notify.message import Flush
    from appliance.oncall.config import OncallConfig
    from appliance.oncall.deps import OncallDeps
    from appliance.oncall.overrides import StoredOverride


class Oncall:
    """A component; used on the event loop only; started after the Alertmanager.

    Attributes:
        config: In use.
    """

    name = "oncall"

    def __init__(self, deps: OncallDeps, config: OncallConfig, directory: Path = Path()) -> None:
        self._deps = deps
        self._agenda = Agenda(deps.clock)
        self.config, self._directory = config, directory
        metrics = OncallMetrics(deps.telemetry)
        heartbeat_metrics = HeartbeatMetrics(deps.telemetry)
        self.links = Links(deps.key_file)
        self.overrides = Overrides(deps)
        self.calendars = Calendars(deps, self._agenda)
        self.acks = Acks(deps, self._agenda, metrics, self._acks_changed)
        self.escalations = Escalations(
            deps,
            self._roster(config),
            self.acks,
            agenda=self._agenda,
            links=self.links,
            metrics=metrics,
        )
        self.expected = Expected(deps, self._agenda, heartbeat_metrics)
        self.outgoing = Outgoing(deps, self._agenda, heartbeat_metrics)

    @property
    def roster(self) -> Roster:
        """Rotas and policies."""
        return self.escalations.roster

    # -- the component

    async def start(self) -> None:
        """Go on where it was."""
        await self.overrides.load()
        await self.calendars.apply(self.config, self._directory)
        await self.acks.load()
        self._set_lifetime()
        await self.escalations.load()
        self._deps.alertmanager.listeners.append(self._heard)
        await self.expected.apply(self.config.heartbeats)
        self.outgoing.apply(self.config.heartbeats, self._directory)

    async def run(self) -> None:
        """Do everything that is due, until cancelled."""
        await self._agenda.run()

    async def stop(self) -> None:
        """Stop; what is not finished goes on after the next start."""
        if self._heard in self._deps.alertmanager.listeners:
            self._deps.alertmanager.listeners.remove(self._heard)
        await self.escalations.pager.stop()
        await self.outgoing.stop()

    async def apply(self, config: OncallConfig, directory: Path) -> None:
        """Work with another configuration; also after the routes have changed."""
        self.config, self._directory = config, directory
        await self.calendars.apply(config, directory)
        self._set_lifetime()
        self.acks.regroup()
        self.escalations.apply(self._roster(config))
        await self.expected.apply(config.heartbeats)
        self.outgoing.apply(config.heartbeats, directory)

    def _roster(self, config: OncallConfig) -> Roster:
        return Roster(config, overrides=self.overrides.spans, calendar=self.calendars.spans)

    def _set_lifetime(self) -> None:
        self.escalations.pager.link_lifetime = self.config.acks.link_lifetime.seconds

    # -- what happens

    def _heard(self, change: AlertChange) -> None:
        if change.kind is ChangeKind.FIRING:
            self.acks.fired(change.alert)
        self.escalations.heard(change)
        if change.kind is ChangeKind.RESOLVED:
            self.acks.resolved(change.alert.fingerprint)

    def _acks_changed(self, fingerprints: Collection[str]) -> None:
        self.escalations.acks_changed(fingerprints)

    def is_quiet(self, flush: Flush) -> bool:
        """Whether a receiver that escalations page need not be told again what it knows."""
        if flush.receiver not in self.roster.receivers:
            return False
        firing = [one for one in flush.alerts if not one.is_resolved(flush.now_ns)]
        return bool(firing) and all(self.acks.of(one.fingerprint) for one in firing)

    # -- what people do

    def message_links(self, flush: Flush) -> Mapping[str, str]:
        """Addresses for people in a notification."""
        if all(alert.is_resolved(flush.now_ns) for alert in flush.alerts):
            return {}
        expires_ns = flush.now_ns + int(self.config.acks.link_lifetime) * 1_000_000
        claim = Claim("group", group_of(flush.group_key), "", expires_ns)
        return {"ack": self.links.make(self._deps.external_url(), claim)}

    async def override(
        self, rota: str, user: str, span: tuple[int, int], *, by: str
    ) -> StoredOverride:
        """Let somebody stand in; an empty user means nobody.

        Raises:
            NotFound: There is no such rota or user.
            BadInput: The span is none.
        """
        if rota not in self.config.rotas:
            raise NotFound(f"no rota {rota[:100]!r}; rotas are {_listed(self.config.rotas)}")
        if user and user not in self.config.users:
            raise NotFound(f"no user {user[:100]!r}; users are {_listed(self.config.users)}")
        return await self.overrides.add(rota, user, span, by=by)

    async def incident(self, event: IncidentEvent) -> bool:
        """Do what somebody did to an incident at PagerDuty; whether it was one of ours."""
        if event.is_acked is None:
            return False
        groups = [group.key for group in self._deps.alertmanager.groups()]
        pages = [page.key for one in self.escalations.all() for page in one.pages]
        found = find_group(event.dedup_key, [*groups, *pages])
        if found is None:
            return False
        key, now_ns = group_of(found), self._deps.clock.now_ns()
        try:
            if event.is_acked:
                await self.acks.add(Ack("group", key, event.by, "", now_ns, "pagerduty"))
            else:
                await self.acks.remove("group", key, by=event.by, via="pagerduty")
        except (NotFound, BadInput):
            return False
        return True


def _listed(names: Collection[str]) -> str:
    return ", ".join(names) or "none"
