from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from appliance.alertmanager.views import AlertView
from appliance.model.alert import Alert
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.ui.system.status import (
    DAY_NS,
    DEGRADED,
    HOUR_NS,
    INVESTIGATING,
    OPERATIONAL,
    OUTAGE,
    PARTS,
    StatusFacts,
    badge,
    level_of,
    service_of,
    status_page,
)

NOW_NS = 20_000 * DAY_NS


def firing(service: str, severity: str) -> AlertView:
    labels = Labels.of({"alertname": "SecretName", "service": service, "severity": severity})
    alert = Alert(labels, {"summary": "inside"}, NOW_NS - HOUR_NS, NOW_NS + HOUR_NS, NOW_NS)
    return AlertView(alert, "active", (), (), (), ("team",))


def over(since_ns: int, until_ns: int) -> AlertEvent:
    detail = {"starts_ns": since_ns, "ends_ns": until_ns}
    return AlertEvent(until_ns, EventKind.RESOLVED, ("a" * 16,), detail=detail)


@pytest.mark.parametrize(
    ("labels", "level"),
    [
        ({"severity": "critical"}, OUTAGE),
        ({"severity": "P0"}, OUTAGE),
        ({"severity": "warning"}, DEGRADED),
        ({"severity": "P1"}, DEGRADED),
        ({"severity": "P3"}, INVESTIGATING),
        ({}, INVESTIGATING),
        ({"severity": "info"}, OPERATIONAL),
        ({"priority": "critical"}, OUTAGE),
    ],
)
def test_severities_are_levels(labels: dict[str, str], level: int) -> None:
    assert level_of(Labels.of(labels)) == level


def test_services_of_alerts() -> None:
    assert service_of(Labels.of({"job": "j", "service": "s"})) == "s"
    assert service_of(Labels.of({"job": "j"})) == "j"
    assert service_of(Labels.of({})) == "platform"


def test_the_worst_alert_makes_the_state() -> None:
    facts = StatusFacts(
        [firing("shop", "warning"), firing("shop", "critical"), firing("mail", "info")],
        known=["shop", "mail", "billing"],
    )
    page = status_page(facts, NOW_NS)
    assert [(row.name, row.text) for row in page.services] == [
        ("shop", "Major outage"),
        ("billing", "Operational"),
        ("mail", "Operational"),
    ]
    assert page.text == "There is a major outage"
    (incident,) = page.incidents
    assert (incident.service, incident.level, incident.acked) == ("shop", OUTAGE, False)


def test_nothing_of_the_inside_is_shown() -> None:
    page = status_page(StatusFacts([firing("shop", "critical")]), NOW_NS)
    assert "SecretName" not in repr(page)
    assert "inside" not in repr(page)


@pytest.mark.parametrize("held", ["silenced_by", "inhibited_by", "muted_by"])
def test_what_is_held_back_does_not_count(held: str) -> None:
    changes: dict[str, Any] = {held: ("x",)}
    view = replace(firing("shop", "critical"), **changes)
    facts = StatusFacts([view], known=["shop"])
    page = status_page(facts, NOW_NS)
    assert page.level == OPERATIONAL
    assert page.incidents == ()


def test_an_incident_is_acknowledged_when_all_its_alerts_are() -> None:
    views = [firing("shop", "critical"), firing("shop", "warning")]
    first = views[0].alert.fingerprint
    page = status_page(StatusFacts(views, is_acked=lambda one: one == first), NOW_NS)
    assert not page.incidents[0].acked
    page = status_page(StatusFacts(views, is_acked=lambda _: True), NOW_NS)
    assert page.incidents[0].acked


def test_the_last_day_and_what_is_over() -> None:
    labels = Labels.of({"service": "shop", "severity": "critical"})
    event = over(NOW_NS - 6 * HOUR_NS, NOW_NS - 5 * HOUR_NS)
    facts = StatusFacts([], [event], {"a" * 16: labels}, known=["shop"])
    page = status_page(facts, NOW_NS)
    (row,) = page.services
    assert row.level == OPERATIONAL
    assert [part for part, level in enumerate(row.day) if level] == [PARTS - 12, PARTS - 11]
    assert row.up_percent == pytest.approx(100 * 23 / 24)
    (incident,) = page.past
    assert (incident.text, incident.was) == ("Resolved", "Major outage")


def test_troubles_that_overlap_are_one_incident() -> None:
    labels = Labels.of({"service": "shop", "severity": "warning"})
    events = [
        over(NOW_NS - 5 * HOUR_NS, NOW_NS - 3 * HOUR_NS),
        over(NOW_NS - 4 * HOUR_NS, NOW_NS - 2 * HOUR_NS),
        over(NOW_NS - HOUR_NS, NOW_NS - HOUR_NS // 2),
    ]
    page = status_page(StatusFacts([], events, {"a" * 16: labels}), NOW_NS)
    assert [(one.since_ns, one.until_ns) for one in page.past] == [
        (NOW_NS - HOUR_NS, NOW_NS - HOUR_NS // 2),
        (NOW_NS - 5 * HOUR_NS, NOW_NS - 2 * HOUR_NS),
    ]
    assert page.services[0].up_percent == pytest.approx(100 * (24 - 3.5) / 24)


def test_from_when_it_was_held_back_it_was_none() -> None:
    labels = Labels.of({"service": "shop", "severity": "critical"})
    start, middle, end = (NOW_NS - hours * HOUR_NS for hours in (6, 5, 1))
    held = AlertEvent(middle, EventKind.SUPPRESSED, ("a" * 16,))
    facts = StatusFacts([], [held, over(start, end)], {"a" * 16: labels})
    (incident,) = status_page(facts, NOW_NS).past
    assert (incident.since_ns, incident.until_ns) == (start, middle)


def test_only_chosen_services_are_shown() -> None:
    views = [firing("shop", "critical"), firing("internal", "critical")]
    facts = StatusFacts(views, known=["x"], chosen=("web", "shop"))
    page = status_page(facts, NOW_NS)
    assert [row.name for row in page.services] == ["shop", "web"]
    assert "internal" not in repr(page)


@pytest.mark.parametrize("level", [None, OPERATIONAL, INVESTIGATING, DEGRADED, OUTAGE])
def test_badges_are_images_with_words(level: int | None) -> None:
    text = badge('a<b>&"', level)
    root = ET.fromstring(text)
    assert root.attrib["aria-label"].startswith('a<b>&": ')
    assert "style=" not in text
