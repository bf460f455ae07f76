"""`oncall.yml`: users, rotas, escalation policies, heartbeats (docs: reference, on-call)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from appliance.alertmanager.matchers import MatcherList
from appliance.alertmanager.time_interval import Location, TimeRange, WeekdayRange
from appliance.config.http_client import HttpClientConfig
from appliance.config.scalars import Duration, SecretUrl
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.section import TemplatedUrl
from appliance.oncall.times import Day, Handoff, Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.config.report import Report

_MINUTE, _HOUR = 60_000, 3_600_000
_DAY = 24 * _HOUR
#: Targets of the policies that hold when the file has none, by severity: minutes, name.
_USUAL = {
    "P0": ((0, "primary"), (5, "secondary"), (15, "manager")),
    "P1": ((0, "primary"), (15, "secondary")),
}
_USUAL_REPEAT = {"P0": Duration(15 * _MINUTE)}


@section
class User:
    """Somebody who is paged.

    Attributes:
        receivers: Names of receivers in `alertmanager.yml`.
        email: An address; mails go through `global.smtp_*` of `alertmanager.yml`.
        webhook: Where to post JSON.
    """

    receivers: tuple[str, ...] = key(default=(), single=True)
    email: str = ""
    webhook: TemplatedUrl | None = None

    def check(self, report: Report) -> None:
        """They can be reached."""
        if not (self.receivers or self.email or self.webhook):
            message = "a user without receivers, email or webhook cannot be paged"
            report.error(self, (), message, code="missing-key")


@section
class Restriction:
    """Hours and weekdays in which a rota has somebody; what is not given is not restricted."""

    times: tuple[TimeRange, ...] = ()
    weekdays: tuple[WeekdayRange, ...] = ()


@section
class Override:
    """Somebody stands in; a user of "" means nobody."""

    user: str
    from_: Moment = key("from")
    to: Moment


@section
class Calendar:
    """Events of an iCalendar: their summary is the user's name."""

    file: Path | None = None
    url: SecretUrl | None = None
    refresh: Duration = Duration(15 * _MINUTE)
    http_config: HttpClientConfig = HttpClientConfig()

    def check(self, report: Report) -> None:
        """One source; asked again at sensible times."""
        if (self.file is None) == (self.url is None):
            report.error(self, (), "a calendar has either file or url", code="missing-key")
        if self.refresh < _MINUTE:
            report.error(self, "refresh", f"{self.refresh} is too often; write 1m or more")


@section
class Rota:
    """Users who take turns."""

    timezone: Location = Location("UTC")
    every: Duration = Duration(7 * _DAY)
    handoff: Handoff = Handoff()
    start: Day | None = None
    users: tuple[str, ...] = key(default=(), single=True)
    restrictions: tuple[Restriction, ...] = ()
    overrides: tuple[Override, ...] = ()
    calendar: Calendar | None = None

    def check(self, report: Report) -> None:
        """Somebody is in it, and turns can be told apart."""
        if not self.users and self.calendar is None:
            report.error(self, (), "a rota has users or a calendar", code="missing-key")
        if self.every < _HOUR or self.every % _HOUR:
            report.error(self, "every", f"{self.every} is no length of shifts; write hours or days")
        if self.handoff.weekday is not None and self.every % (7 * _DAY):
            hint = "leave out the day, or change shifts every 1w or 2w"
            report.error(
                self, "handoff", "shifts of other lengths than weeks move over the days", hint=hint
            )


@section
class Step:
    """Who is paged when nobody has reacted by then.

    Attributes:
        after: Since the first page was due.
        rota, user: Names of this file.
        receiver: Names of receivers in `alertmanager.yml`.
    """

    after: Duration = Duration(0)
    rota: tuple[str, ...] = key(default=(), single=True)
    user: tuple[str, ...] = key(default=(), single=True)
    receiver: tuple[str, ...] = key(default=(), single=True)

    def check(self, report: Report) -> None:
        """Somebody is paged."""
        if not (self.rota or self.user or self.receiver):
            report.error(self, (), "a step pages a rota, user or receiver", code="missing-key")


@section
class Policy:
    """Which alerts page whom, and when.

    Attributes:
        match: All must hold.
        repeat: How long after the last step it is done again, and again; None: never.
    """

    match: tuple[MatcherList, ...] = key(default=(), single=True)
    steps: tuple[Step, ...] = ()
    repeat: Duration | None = None

    def check(self, report: Report) -> None:
        """Steps follow one another."""
        if not self.steps:
            report.error(self, (), "a policy has steps", code="missing-key")
        for index, (one, other) in enumerate(zip(self.steps, self.steps[1:], strict=False), 1):
            if other.after <= one.after:
                message = f"after {other.after} does not come after {one.after}"
                report.error(self, ("steps", index), message)
        if self.repeat is not None and self.repeat < _MINUTE:
            report.error(self, "repeat", f"{self.repeat} is too often; write 1m or more")


@section
class OutgoingHeartbeat:
    """An address that is asked for again and again, as long as an alert keeps arriving.

    Attributes:
        while_receiving: Matchers; an alert that fires has to match all.
    """

    url: SecretUrl
    name: str = ""
    every: Duration = Duration(_MINUTE)
    while_receiving: MatcherList = key(default=MatcherList.from_text('alertname="Watchdog"'))
    timeout: Duration = Duration(_MINUTE // 6)
    http_config: HttpClientConfig = HttpClientConfig()

    def check(self, report: Report) -> None:
        """Not all the time."""
        _require_second(self, self.every, report)


@section
class ExpectedHeartbeat:
    """Something that has to be heard of again and again.

    Attributes:
        grace: How much later than `every` it may come.
        match: Matchers of alerts that count as a sign of life, too.
        labels, annotations: Of the alert `HeartbeatMissing`.
    """

    name: str
    every: Duration
    grace: Duration = Duration(0)
    token: Secret | None = None
    match: MatcherList | None = None
    labels: dict[str, str] = key(default_factory=dict)
    annotations: dict[str, str] = key(default_factory=dict)

    def check(self, report: Report) -> None:
        """A name that fits into an address."""
        if not self.name or not set(self.name) <= _NAME_CHARS:
            report.error(self, "name", f"{self.name!r} is no name; use letters, digits, - _ .")
        _require_second(self, self.every, report)


_NAME_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def _require_second(section: object, every: Duration, report: Report) -> None:
    if every < 1000:
        report.error(section, "every", f"{every} is too often; write 1s or more")


@section
class Heartbeats:
    """Signs of life, ours and others'."""

    outgoing: tuple[OutgoingHeartbeat, ...] = ()
    expected: tuple[ExpectedHeartbeat, ...] = ()

    def check(self, report: Report) -> None:
        """Names are unique."""
        seen: set[str] = set()
        for index, one in enumerate(self.expected):
            if one.name in seen:
                message = f"heartbeat {one.name!r} is there twice"
                report.error(self, ("expected", index), message, code="duplicate-name")
            seen.add(one.name)


@section
class PagerdutySettings:
    """PagerDuty's webhook; without a secret its requests need the server's token."""

    webhook_secret: Secret | None = None


@section
class AckSettings:
    """Acknowledgements.

    Attributes:
        link_lifetime: How long a link in a notification works.
    """

    link_lifetime: Duration = Duration(_DAY)


@section
class OncallConfig:
    """The whole file.

    Attributes:
        wait: How long the first page of an escalation waits, so that alerts that come together
            page once.
        policies: In their order: the first that matches an alert holds. None: the usual ones.
    """

    users: dict[str, User] = key(default_factory=dict)
    rotas: dict[str, Rota] = key(default_factory=dict)
    policies: dict[str, Policy] | None = None
    wait: Duration = Duration(1000)
    heartbeats: Heartbeats = Heartbeats()
    pagerduty: PagerdutySettings = PagerdutySettings()
    acks: AckSettings = AckSettings()

    def check(self, report: Report) -> None:
        """What is named exists."""
        for kind in ("users", "rotas", "policies"):
            for name, value in (getattr(self, kind) or {}).items():
                if value is None:
                    report.error(self, (kind, name), f"{name!r} says nothing", code="missing-key")
                    return
        for rota in self.rotas.values():
            self._check_users(rota, "users", rota.users, report)
            for override in rota.overrides:
                self._check_users(override, "user", filter(None, (override.user,)), report)
        for policy in (self.policies or {}).values():
            for step in policy.steps:
                self._check_step(step, report)
        if self.policies is None and (self.users or self.rotas):
            self._check_usual(report)

    def _check_step(self, step: Step, report: Report) -> None:
        self._check_users(step, "user", step.user, report)
        for name in step.rota:
            if name not in self.rotas:
                message = f"undefined rota {name!r}"
                hint = f"rotas are {_listed(self.rotas)}"
                report.error(step, "rota", message, code="reference", hint=hint)

    def _check_usual(self, report: Report) -> None:
        missing = [name for _, name in _USUAL["P0"] if not self._has(name)]
        if missing:
            message = f"the usual policies page {', '.join(missing)}, which are not defined"
            hint = "add rotas or users of these names, or write policies"
            report.warn(self, (), message, code="reference", hint=hint)

    def _check_users(self, where: object, field: str, names: Iterable[str], report: Report) -> None:
        for name in names:
            if name not in self.users:
                message = f"undefined user {name!r}"
                hint = f"users are {_listed(self.users)}"
                report.error(where, field, message, code="reference", hint=hint)

    def _has(self, name: str) -> bool:
        return name in self.rotas or name in self.users

    @property
    def held_policies(self) -> Mapping[str, Policy]:
        """The policies of the file, or the usual ones with the targets that there are."""
        if self.policies is not None:
            return self.policies
        found = {}
        for severity, rows in _USUAL.items():
            steps = tuple(self._usual_step(*row) for row in rows if self._has(row[1]))
            if steps:
                match = (MatcherList.from_text(f'severity="{severity}"'),)
                repeat = _USUAL_REPEAT.get(severity)
                found[severity] = Policy(match=match, steps=steps, repeat=repeat)
        return found

    def _usual_step(self, minutes: int, name: str) -> Step:
        after = Duration(minutes * _MINUTE)
        if name in self.rotas:
            return Step(after=after, rota=(name,))
        return Step(after=after, user=(name,))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
