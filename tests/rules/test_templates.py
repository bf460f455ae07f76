"""Templates of alerting rules: what they see, and what becomes of errors."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.model.histogram import Buckets, Histogram
from appliance.model.labels import Labels
from appliance.query.limits import QueryLimits
from appliance.rules.queries import Queries
from appliance.rules.templates import RuleTemplates, parsed
from tests.promql.memory_source import loaded

SERIES = Labels.of({"__name__": "up", "host": "web1:9100", "dc": "eu"})


def templates() -> RuleTemplates:
    source = loaded(
        """
        load 1m
            load{host="b"} 2
            load{host="a"} 1
        """
    )
    queries = Queries(lambda: source, ManualClock(), QueryLimits())
    return RuleTemplates(lambda: {"cluster": "c1"}, "http://x.test/pfx", queries.ask)


def expanded(text: str, value: float | Histogram = 1.5) -> str:
    return templates().expand("A", text, labels=SERIES, value=value, at_ms=60_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no template", "no template"),
        ("{{ $labels.host }} {{ $value }} {{ .Value }}", "web1:9100 1.5 1.5"),
        ("{{ $labels }}", "map[__name__:up dc:eu host:web1:9100]"),
        ("{{ $externalLabels.cluster }} {{ $externalURL }}", "c1 http://x.test/pfx"),
        ("{{ pathPrefix }} {{ externalURL }} {{ now }}", "/pfx http://x.test/pfx 60"),
        (
            '{{ range query "load" | sortByLabel "host" }}{{ .Labels.host }}{{ .Value }}{{ end }}',
            "a1b2",
        ),
        ("{{ $value | humanizePercentage }}", "150%"),
    ],
)
def test_what_templates_see(text: str, expected: str) -> None:
    assert expanded(text) == expected


def test_a_histogram_is_shown_with_its_buckets() -> None:
    buckets = Buckets(np.array([1]), np.array([3.0]))
    assert expanded("{{ $value }}", Histogram(0, 3, 5, positive=buckets)) == (
        "{count:3, sum:5, (1,2]:3}"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{{ $labels.host.x }}",
            (
                "error executing template __alert_A: template: __alert_A:1:122: executing"
                ' "__alert_A" at <$labels.host.x>: can\'t evaluate field x in type string'
            ),
        ),
        ("{{ nope }}", 'error parsing template __alert_A: template: __alert_A:1: function "nope"'),
        ('{{ query "sum(" }}', "error executing template __alert_A: template: __alert_A:1:115:"),
    ],
)
def test_errors_stand_in_place_of_the_text(
    text: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = expanded(text)
    assert found.startswith(f"<error expanding template: {message}")
    assert found.endswith(">")
    assert "alert A" in caplog.text


def test_a_template_is_parsed_once() -> None:
    assert parsed("A", "{{ $value }}once") is parsed("A", "{{ $value }}once")


def test_a_failure_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    expander = templates()
    with caplog.at_level(logging.WARNING):
        for text in ("{{ nope }}", "{{ nope }}", "{{ nope2 }}", "{{ nope }}"):
            found = expander.expand("A", text, labels=SERIES, value=1.0, at_ms=0)
            assert found.startswith("<error expanding template")
    assert len(caplog.records) == 2
