"""Runs routing tests: the real tree, inhibition, intervals and silences, and no clock."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.alertmanager.mute.inhibit import Inhibitor
from appliance.alertmanager.mute.intervals import Intervals
from appliance.alertmanager.route import RouteTree
from appliance.alertmanager.routing_test.file import RoutingTestFile
from appliance.base.duration import print_duration
from appliance.config.load import load_file
from appliance.config.problem import Severity
from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.model.matcher import matches_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from appliance.alertmanager.route import Route
    from appliance.alertmanager.routing_test.file import (
        Expectation,
        RoutingTest,
        TestAlert,
    )
    from appliance.config.load import Decoded
    from appliance.config.problem import Problem

_MS_NS = 1_000_000
_YEAR_NS = 365 * 86_400 * 10**9


@dataclass(slots=True)
class CaseResult:
    """One test and what is wrong; nothing when it passed."""

    name: str
    errors: list[str]


@dataclass(slots=True)
class FileResult:
    """One file.

    Attributes:
        aborted: Why no test could be run; empty when they could.
    """

    cases: list[CaseResult] = field(default_factory=list)
    aborted: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[str]:
        """Everything that is wrong, of tests with their names."""
        found = (f"  {case.name}:\n{error}" for case in self.cases for error in case.errors)
        return [*self.aborted, *found]


def run_file(path: Path, environ: Mapping[str, str]) -> FileResult:
    """Run the tests of a file.

    Args:
        environ: What `${NAME}` in the configuration stands for, besides the file's own variables.
    """
    decoded = load_file(RoutingTestFile, path)
    if not decoded.ok or decoded.value is None:
        return FileResult(aborted=_rendered(decoded.problems))
    given = decoded.value
    variables = {**environ, **given.variables}
    config = load_file(AlertmanagerConfig, path.parent / given.config, variables)
    if not config.ok or config.value is None or config.value.route is None:
        return FileResult(aborted=_rendered(config.problems))
    routing = _Routing(config, config.value)
    result = FileResult()
    for number, test in enumerate(given.tests):
        result.cases.append(CaseResult(test.name or f"unnamed#{number}", routing.errors(test)))
    return result


def _rendered(problems: Sequence[Problem]) -> list[str]:
    return [problem.render() for problem in problems if problem.severity is Severity.ERROR]


class _Routing:
    """A configuration that alerts are tried on."""

    def __init__(self, decoded: Decoded[AlertmanagerConfig], config: AlertmanagerConfig) -> None:
        assert config.route is not None, "checked by the caller"  # noqa: S101 - for mypy
        self._config = config
        self._origin = decoded.origin
        self._tree = RouteTree(config.route, origin=decoded.origin)
        self._intervals = Intervals((*config.mute_time_intervals, *config.time_intervals))

    def errors(self, test: RoutingTest) -> list[str]:
        """Everything that is not as expected."""
        alerts = [_alert(one, test.at) for one in test.all_alerts()]
        inhibitor = Inhibitor(self._config.inhibit_rules, origin=self._origin)
        for alert in alerts:
            inhibitor.put(alert)
        by_fingerprint = {alert.fingerprint: alert for alert in alerts}
        found: list[str] = []
        for given, alert in zip(test.all_alerts(), alerts, strict=True):
            routes = self._tree.match(alert.labels)
            inhibitions = inhibitor.inhibitions(alert.fingerprint, alert.labels, int(test.at))
            inhibitors = [dict(by_fingerprint[one.fingerprint].labels) for one in inhibitions]
            silenced = any(matches_all(matchers, alert.labels) for matchers in test.silences)
            muted = [self._muted_by(route, int(test.at)) for route in routes]
            actual = self._routed(routes) | {
                "notified": not (silenced or inhibitors) and not all(muted),
                "inhibited_by": inhibitors,
                "muted_by": sorted({name for names in muted for name in names}),
                "silenced": silenced,
            }
            places = ", ".join(f"{route.place[0]}:{route.place[1]}" for route in routes)
            found += [
                f"    {given.name or _labels_text(given.labels)}: {text} (routed by {places})"
                for text in _differences(given.expect, actual)
            ]
        return found

    def _routed(self, routes: Sequence[Route]) -> dict[str, Any]:
        """What the routes themselves say."""
        receivers = {route.receiver for route in routes}
        return {
            "receivers": sorted(receivers),
            "integrations": sorted(
                name
                for receiver in self._config.receivers
                if receiver.name in receivers
                for name in _integrations(receiver)
            ),
            "group_by": [["..."] if r.group_by is None else sorted(r.group_by) for r in routes],
            "group_wait": [route.group_wait_ns // _MS_NS for route in routes],
            "group_interval": [route.group_interval_ns // _MS_NS for route in routes],
            "repeat_interval": [route.repeat_interval_ns // _MS_NS for route in routes],
        }

    def _muted_by(self, route: Route, at_ns: int) -> tuple[str, ...]:
        """Intervals that keep a route silent at a time."""
        muted = self._intervals.holding(route.mute_intervals, at_ns)
        if route.active_intervals and not self._intervals.holding(route.active_intervals, at_ns):
            muted += route.active_intervals
        return muted


def _alert(given: TestAlert, at_ns: int) -> Alert:
    labels = Labels((name, value) for name, value in given.labels.items() if value)
    return Alert(labels, {}, starts_ns=at_ns, ends_ns=at_ns + _YEAR_NS, updated_ns=at_ns)


def _integrations(receiver: object) -> list[str]:
    """Such as `pagerduty` and `slack #incidents`: a kind, and the channel if it has one."""
    names = []
    for item in dataclasses.fields(receiver):  # type: ignore[arg-type] # a section is a dataclass
        kind = item.name.removesuffix("_configs")
        if kind != item.name:
            configs = getattr(receiver, item.name)
            names += [f"{kind} {getattr(one, 'channel', '')}".strip() for one in configs]
    return names


def _differences(expected: Expectation, actual: Mapping[str, Any]) -> list[str]:
    found = []
    for item in dataclasses.fields(expected):
        wanted = getattr(expected, item.name)
        if wanted is None:
            continue
        got = actual[item.name]
        if not _fits(item.name, wanted, got):
            found.append(f"{item.name}: expected {_shown(wanted)}, got {_shown(got)}")
    return found


def _fits(name: str, wanted: Any, got: Any) -> bool:
    match name:
        case "notified" | "silenced":
            return bool(wanted == got)
        case "inhibited_by":
            pairs = zip(wanted, got, strict=False)
            return len(wanted) == len(got) and all(
                one.items() <= other.items() for one, other in pairs
            )
        case "group_by":
            return all(sorted(wanted) == names for names in got)
        case "group_wait" | "group_interval" | "repeat_interval":
            return all(int(wanted) == span for span in got)
        case _:
            return sorted(wanted) == sorted(got)


def _shown(value: Any) -> str:
    """A value as one would write it in the file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return print_duration(value)
    if isinstance(value, dict):
        return _labels_text(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return str(value)


def _labels_text(labels: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in labels.items()) + "}"
