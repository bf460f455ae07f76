"""What data sources mean here, however they are named."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.dashboards.datasources import Provisioned, Sources
from appliance.dashboards.model import Engine

P, L, T = Engine.PROMETHEUS, Engine.LOKI, Engine.TEMPO
PROVISIONED = (
    Provisioned("Main", "abc", "prometheus", is_default=True),
    Provisioned("Lines", "xyz", "loki"),
    Provisioned("Sales", "db1", "mysql"),
)


@pytest.mark.parametrize(
    ("reference", "query", "engine"),
    [
        (None, None, P),
        ("", {"expr": "up"}, P),
        ("default", {"expr": '{app="x"} |= "e"'}, L),
        (None, {"expr": '{app="x"}'}, L),
        (None, {"expr": '{__name__="x"}'}, P),
        (None, {"expr": 'sum(rate({app="x"} | json [5m]))'}, L),
        (None, {"expr": 'count_over_time({app="x"}[5m])'}, L),
        (None, {"expr": 'rate(x{a="b"}[5m])'}, P),
        (None, {"query": "{ .a = 1 }"}, T),
        (None, {"queryType": "traceql"}, T),
        (None, {"queryType": ["traceql"]}, P),
        (None, {"rawSql": "select 1"}, Engine.UNSUPPORTED),
        ({"type": "prometheus", "uid": "nobody-knows"}, None, P),
        ({"type": "grafana-amazonprometheus-datasource"}, None, P),
        ({"type": "LOKI"}, None, L),
        ({"type": "jaeger", "uid": "j"}, None, T),
        ({"uid": "${DS_LOGS}"}, None, L),
        ("${DS_PROMETHEUS}", {"expr": "{}"}, P),
        ("${DS_MY_LOKI}", None, L),
        ("[[ds]]", {"expr": '{a="b"} | logfmt'}, L),
        ("-- Mixed --", None, Engine.MIXED),
        ({"type": "datasource", "uid": "-- Mixed --"}, None, Engine.MIXED),
        ({"type": "datasource", "uid": "-- Dashboard --"}, None, Engine.DASHBOARD),
        ({"type": "datasource", "uid": "grafana"}, None, Engine.GRAFANA),
        ("-- Grafana --", None, Engine.GRAFANA),
        ({"type": "__expr__", "uid": "__expr__"}, None, Engine.UNSUPPORTED),
        ({"type": "mysql", "uid": "m"}, {"expr": "up"}, Engine.UNSUPPORTED),
        ("Thanos (eu)", None, P),
        ("Prometheus AlertManager", None, Engine.ALERTMANAGER),
        ("something", {"expr": "up"}, P),
        (17, {"expr": "up"}, P),
    ],
)
def test_without_provisioning(
    reference: object, query: dict[str, Any] | None, engine: Engine
) -> None:
    found = Sources().find(reference, query)
    assert found.engine is engine
    assert bool(found.reason) == (engine is Engine.UNSUPPORTED)


@pytest.mark.parametrize(
    ("reference", "query", "engine"),
    [
        ("Lines", {"expr": "up"}, L),
        ({"uid": "xyz"}, {"expr": "up"}, L),
        ("Sales", None, Engine.UNSUPPORTED),
        (None, None, P),
        ("abc", {"expr": '{a="b"}'}, P),
    ],
)
def test_provisioned_names_and_uids(
    reference: object, query: dict[str, Any] | None, engine: Engine
) -> None:
    assert Sources(PROVISIONED).find(reference, query).engine is engine


def test_a_foreign_default_does_not_take_our_queries() -> None:
    sources = Sources((Provisioned("Sales", "db1", "mysql", is_default=True),))
    assert sources.find(None, {"expr": "up"}).engine is P


def test_variables_and_inputs_say_their_type() -> None:
    sources = Sources(inputs={"DS_X": "loki"}, variables={"ds": "tempo", "other": "influxdb"})
    assert sources.find("${DS_X}").engine is L
    assert sources.find("${DS_X}").variable == ""
    chosen = sources.find({"type": "prometheus", "uid": "$ds"})
    assert (chosen.engine, chosen.variable) == (P, "ds")
    assert sources.find({"uid": "${ds}"}).engine is T
    refused = sources.find("${other:text}")
    assert refused.engine is Engine.UNSUPPORTED
    assert "influxdb" in refused.reason
