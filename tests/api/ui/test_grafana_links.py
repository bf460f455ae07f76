"""Old addresses of Grafana lead to our pages."""

from __future__ import annotations

import json

import pytest

from appliance.api.ui.grafana_links import explored, slug_of

PROM = {"type": "prometheus", "uid": "p"}
LOKI = {"type": "loki", "uid": "l"}


@pytest.mark.parametrize(
    ("pane", "path"),
    [
        (
            {
                "queries": [{"expr": "up", "datasource": PROM}],
                "range": {"from": "now-1h", "to": "now"},
            },
            "/metrics?g0.expr=up&from=now-1h&to=now",
        ),
        (
            {"queries": [{"expr": '{a="b"}', "datasource": LOKI}]},
            "/logs?q=%7Ba%3D%22b%22%7D",
        ),
        ({"datasource": "Tempo", "queries": [{"query": "{}"}]}, "/traces?q=%7B%7D"),
        ({"queries": [{"expr": "a"}, {"expr": "b"}]}, "/metrics?g0.expr=a&g1.expr=b"),
        ({"queries": [{"expr": ""}]}, "/metrics"),
    ],
)
def test_explore_leads_to_the_page_of_the_language(pane: dict[str, object], path: str) -> None:
    assert explored({"left": json.dumps(pane)}) == path
    assert explored({"panes": json.dumps({"a": pane})}) == path


def test_the_oldest_form_is_a_list() -> None:
    left = json.dumps(["now-6h", "now", "Prometheus", {"expr": "up"}, {"ui": [True]}])
    assert explored({"left": left}) == "/metrics?g0.expr=up&from=now-6h&to=now"


@pytest.mark.parametrize("left", ["", "{", "[]", "3", '{"queries": [3]}'])
def test_what_cannot_be_read_opens_metrics(left: str) -> None:
    assert explored({"left": left}) == "/metrics"


def test_slugs_are_titles_in_lower_case() -> None:
    assert slug_of("Node Exporter (Full) ") == "node-exporter-full"
