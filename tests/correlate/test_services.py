"""All signals of a service, from real stores."""

from __future__ import annotations

import pytest

from appliance.correlate import services
from appliance.correlate.services import services_selector, signals_of_service
from appliance.logql.parser import parse as parse_logql
from appliance.promql.parser import parse_selector
from appliance.traces.window import Window
from tests.correlate.stores import NOW, S, Signals, guard

WINDOW = Window(NOW - 60 * S, NOW + 60 * S)


def test_logs_metrics_and_operations(signals: Signals) -> None:
    found = signals_of_service(signals.sources(), "web", WINDOW, guard=guard())
    assert [(one.label, [dict(labels) for labels in one.streams]) for one in found.logs] == [
        ("service_name", [{"service_name": "web"}]),
        ("job", [{"job": "shop/web"}]),
    ]
    assert [(one.label, one.names) for one in found.metrics] == [
        ("service_name", ["http_requests_total"]),
        ("job", ["up"]),
    ]
    assert found.operations == [("GET /", 2)]
    assert not found.is_partial


def test_selectors_can_be_asked(signals: Signals) -> None:
    found = signals_of_service(signals.sources(), "web", WINDOW, guard=guard())
    for one in found.metrics:
        parse_selector(one.selector)
    for other in found.logs:
        parse_logql(other.selector)
    parse_logql(services_selector(["a.b", 'quo"te', "münchen ☕", "x-y"]))


def test_a_service_that_nobody_knows(signals: Signals) -> None:
    found = signals_of_service(signals.sources(), "none", WINDOW, guard=guard())
    assert (found.logs, found.metrics, found.operations) == ([], [], [])
    late = Window(NOW + 10_000 * S, NOW + 20_000 * S)
    assert signals_of_service(signals.sources(), "web", late, guard=guard()).logs == []


def test_of_very_much_the_first_are_told(signals: Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST", 0)
    found = signals_of_service(signals.sources(), "web", WINDOW, guard=guard())
    assert found.is_partial
    assert [one.streams for one in found.logs] == [[], []]
    assert [one.names for one in found.metrics] == [[], []]
    assert found.operations == []


def test_a_trace_without_services_has_a_selector() -> None:
    assert services_selector([]) == '{service_name=~".+"}'
    parse_logql(services_selector([]))
