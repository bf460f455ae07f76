from __future__ import annotations

from typing import Any

from appliance.api.ui.metric_explain import hints, tree
from appliance.model.sample import MetricMetadata
from appliance.promql.parser import parse
from appliance.promql.printer import print_expr

METADATA = {
    "memory_bytes": [MetricMetadata("gauge", "", "")],
    "requests": [MetricMetadata("counter", "", "")],
    "t_seconds": [MetricMetadata("histogram", "", "")],
}


def shape(node: dict[str, Any]) -> list[Any]:
    return [node["label"] or node["text"], *(shape(child) for child in node["children"])]


def told(query: str) -> list[str]:
    return hints(parse(query, frozenset()), METADATA)


def test_a_tree_has_every_part_as_a_query_of_its_own() -> None:
    query = "sum by (job) (rate(x[5m])) / on (job) group_left (a) y > bool 0.5"
    found = tree(parse(query, frozenset()))
    assert shape(found) == [
        "> bool",
        ["/ on (job) group_left (a)", ["sum by (job)", ["rate()", ["x[5m]"]]], ["y"]],
        ["0.5"],
    ]
    ratio = found["children"][0]
    assert ratio["text"] == "sum by (job) (rate(x[5m])) / on (job) group_left (a) y"
    assert print_expr(parse(ratio["text"], frozenset())) == ratio["text"]
    assert ratio["children"][0]["children"][0]["children"][0]["type"] == "range vector"


def test_a_large_tree_is_cut_and_says_so() -> None:
    found = tree(parse(" + ".join("abcdefgh"), frozenset()), most=4)
    nodes = [found]
    for node in nodes:
        nodes += node["children"]
    assert len(nodes) == 4
    assert any(node["is_cut"] for node in nodes)


def test_rates_of_gauges() -> None:
    assert "deriv is meant for gauges" in told("sum(rate(memory_bytes[5m]))")[0]
    assert "delta is meant" in told("increase(memory_bytes[5m])")[0]
    assert told("deriv(memory_bytes[5m])") == []


def test_counters_as_they_are() -> None:
    assert "requests_total is a counter" in told("sum(requests_total)")[0]
    assert told("rate(requests_total[5m])") == []
    assert told("count(requests_total)") == []
    assert told("memory_bytes") == []


def test_quantiles_without_le() -> None:
    without = "histogram_quantile(0.9, sum by (job) (rate(t_seconds_bucket[5m])))"
    assert "sum by (le)" in told(without)[0]
    assert told(without.replace("(job)", "(le)")) == []
    assert told(without.replace("by (job)", "without (job)")) == []
    assert told("histogram_quantile(0.9, sum(rate(t_seconds[5m])))") == []
