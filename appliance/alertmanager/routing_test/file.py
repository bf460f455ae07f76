"""The file format of routing tests (docs: reference, routing-tests); the format is our own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from appliance.alertmanager.matchers import MatcherList
from appliance.base.errors import BadInput
from appliance.config.scalars import Duration
from appliance.config.schema import key, section

if TYPE_CHECKING:
    from appliance.config.report import Report


class Moment(int):
    """A time in nanoseconds since the epoch, written as RFC 3339; without a zone it is UTC."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Moment:
        """The time.

        Raises:
            BadInput: It is none.
        """
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise BadInput(f"{text!r} is no time; write 2026-01-31T12:00:00Z") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return cls(int(moment.timestamp()) * 10**9)


@section
class Expectation:
    """What is to happen to an alert; what is left out is not looked at.

    Attributes:
        receivers: All that the alert is routed to, in any order.
        integrations: All of those receivers together, such as `pagerduty`, `slack #incidents`.
        group_by: Of every route that takes it, in any order.
        notified: Whether at least one receiver is told: neither silenced nor inhibited, nor muted
            on every route.
        inhibited_by: Labels of each alert that inhibits it; those given have to be among its own.
        muted_by: Time intervals that keep routes silent: mute ones that hold, active ones that do
            not.
        silenced: Whether one of the test's silences is about it.
    """

    receivers: tuple[str, ...] | None = key(default=None, single=True)
    integrations: tuple[str, ...] | None = key(default=None, single=True)
    group_by: tuple[str, ...] | None = key(default=None, single=True)
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    notified: bool | None = None
    inhibited_by: tuple[dict[str, str], ...] | None = key(default=None)
    muted_by: tuple[str, ...] | None = key(default=None, single=True)
    silenced: bool | None = None


@section
class TestAlert:
    """A firing alert and what is expected of it."""

    labels: dict[str, str]
    name: str = ""
    expect: Expectation = Expectation()


@section
class RoutingTest:
    """Alerts that fire at the same time.

    Attributes:
        at: When; matters to time intervals.
        labels, expect: Short for one alert.
        silences: Matchers of silences that are active.
    """

    name: str = ""
    at: Moment = Moment(0)
    labels: dict[str, str] | None = None
    expect: Expectation | None = None
    alerts: tuple[TestAlert, ...] = ()
    silences: tuple[MatcherList, ...] = key(default=(), single=True)

    def check(self, report: Report) -> None:
        """One form or the other, and something to test."""
        if self.labels is None and self.expect is not None:
            report.error(self, "expect", "expect has no labels beside it", code="missing-key")
        if self.labels is None and not self.alerts:
            hint = "write labels and expect, or alerts"
            report.error(self, (), "the test has no alert", code="missing-key", hint=hint)

    def all_alerts(self) -> tuple[TestAlert, ...]:
        """The alerts, in whichever form they are written."""
        if self.labels is None:
            return self.alerts
        own = TestAlert(labels=self.labels, expect=self.expect or Expectation())
        return (own, *self.alerts)


@section
class RoutingTestFile:
    """A whole file.

    Attributes:
        config: The `alertmanager.yml`, relative to this file.
        variables: What `${NAME}` stands for in it; others come from the environment.
    """

    config: str
    variables: dict[str, str] = key(default_factory=dict)
    tests: tuple[RoutingTest, ...] = ()
