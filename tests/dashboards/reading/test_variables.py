"""Variables of every kind, in all the ways files write them."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.dashboards.model import Choice, Engine, Variable, VariableQuery
from tests.dashboards.building import of_variables, read

LOKI = {"type": "loki", "uid": "l"}
TEMPO = {"type": "tempo", "uid": "t"}


def variable(**given: Any) -> Variable:
    dashboard, _ = read(of_variables({"name": "v", **given}))
    (found,) = dashboard.variables
    return found


@pytest.mark.parametrize(
    ("query", "source", "expected"),
    [
        ("label_names()", None, VariableQuery("labelNames")),
        ("label_values(job)", None, VariableQuery("labelValues", "job")),
        (
            ' label_values(up{job=~"a|b", x="c,d"}, instance) ',
            None,
            VariableQuery("labelValues", "instance", 'up{job=~"a|b", x="c,d"}'),
        ),
        ("label_values($metric, $label)", None, VariableQuery("labelValues", "$label", "$metric")),
        ('label_values(up, "a.b")', None, VariableQuery("labelValues", "a.b", "up")),
        ("metrics(node_.*)", None, VariableQuery("metrics", expr="node_.*")),
        ("query_result(topk(3, up))", None, VariableQuery("queryResult", expr="topk(3, up)")),
        ('up{a="b"}', None, VariableQuery("series", selector='up{a="b"}')),
        (
            {"query": "label_values(up, job)", "refId": "StandardVariableQuery"},
            None,
            VariableQuery("labelValues", "job", "up"),
        ),
        (
            {"qryType": 1, "label": "job", "metric": "up",
             "labelFilters": [{"label": "a", "op": "=~", "value": "b.*"}]},
            None,
            VariableQuery("labelValues", "job", 'up{a=~"b.*"}'),
        ),
        (
            {"qryType": 1, "label": "job", "query": "label_values(x, job)"},
            None,
            VariableQuery("labelValues", "job", "x"),
        ),
        (
            {"qryType": 3, "query": "query_result(up)"},
            None,
            VariableQuery("queryResult", expr="up"),
        ),
        ("label_values(app)", LOKI, VariableQuery("labelValues", "app")),
        (
            'label_values({env="p"}, app)',
            LOKI,
            VariableQuery("labelValues", "app", '{env="p"}'),
        ),
        ({"type": 0}, LOKI, VariableQuery("labelNames")),
        (
            {"type": 1, "label": "app", "stream": '{a="b"}'},
            LOKI,
            VariableQuery("labelValues", "app", '{a="b"}'),
        ),
        ({"type": 1, "label": "service.name"}, TEMPO, VariableQuery("labelValues", "service.name")),
    ],
)  # fmt: skip
def test_queries(query: object, source: object, expected: VariableQuery) -> None:
    found = variable(type="query", query=query, datasource=source)
    assert (found.query, found.reason) == (expected, "")


@pytest.mark.parametrize(
    ("query", "source"), [("select 1", {"type": "mysql"}), ("nonsense", LOKI), ("", None)]
)
def test_queries_that_cannot_be_asked_say_why(query: str, source: object) -> None:
    given = {"name": "v", "type": "query", "query": query, "datasource": source}
    dashboard, findings = read(of_variables(given))
    assert dashboard.variables[0].reason
    assert [finding.severity.value for finding in findings] == ["error"]
    assert findings[0].message.startswith("$v: ")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"current": {"text": "a", "value": "a"}}, (Choice("a", "a"),)),
        (
            {"current": {"text": ["A", "B"], "value": ["a", "b"]}},
            (Choice("A", "a"), Choice("B", "b")),
        ),
        ({"current": {"text": "a + b", "value": ["a", "b"]}}, (Choice("a", "a"), Choice("b", "b"))),
        ({"current": {"text": "All", "value": "$__all"}}, (Choice("All", "$__all"),)),
        ({"current": {"text": ["All"], "value": ["$__all"]}}, (Choice("All", "$__all"),)),
        ({"current": {"text": "All", "value": ""}, "includeAll": True}, (Choice("All", "$__all"),)),
        ({"current": {"text": "3", "value": 3}}, (Choice("3", "3"),)),
        ({"current": {}}, ()),
        ({}, ()),
    ],
)
def test_what_is_chosen_at_first(given: dict[str, Any], expected: tuple[Choice, ...]) -> None:
    assert variable(type="query", query="label_values(a)", **given).current == expected


def test_properties() -> None:
    found = variable(
        type="query", query="label_values(a)", label="L", description="D", hide=2, multi=True,
        includeAll=True, allValue=".*", regex="/x(.*)/", sort=4, refresh=2, skipUrlSync=True,
    )  # fmt: skip
    assert (found.label, found.description, found.hide) == ("L", "D", "variable")
    assert (found.multi, found.include_all, found.all_value) == (True, True, ".*")
    assert (found.regex, found.sort_by, found.descending) == ("/x(.*)/", "number", True)
    assert (found.refresh, found.skip_url_sync) == ("time", True)
    assert variable(type="query", query="label_values(a)", sort=1).descending is False
    assert variable(type="custom", query="a", hideLabel=True).hide == "label"


def test_what_is_never_asked_again_is_asked_once_where_nothing_was_saved() -> None:
    assert variable(type="query", query="label_values(a)", refresh=0).refresh == "load"
    options = [{"text": "a", "value": "a"}, {"text": "All", "value": "$__all"}]
    found = variable(type="query", query="label_values(a)", refresh=0, options=options)
    assert (found.refresh, found.options) == ("never", (Choice("a", "a"),))


def test_written_lists() -> None:
    found = variable(type="custom", query="a, two : 2,c\\,d , x:y")
    assert found.options == (
        Choice("a", "a"), Choice("two", "2"), Choice("c,d", "c,d"), Choice("x:y", "x:y"),
    )  # fmt: skip
    assert found.current == (Choice("a", "a"),)


def test_intervals() -> None:
    found = variable(
        type="interval", query="1m,'10m', 1h", auto=True, auto_count=50, auto_min="20s",
        current={"text": "auto", "value": "$__auto_interval_v"},
    )  # fmt: skip
    assert [one.value for one in found.options] == ["1m", "10m", "1h"]
    assert (found.current, found.auto) == ((Choice("auto", "$__auto"),), True)
    assert (found.auto_count, found.auto_min) == (50, "20s")
    assert variable(type="interval", query="5m,1h").current == (Choice("5m", "5m"),)


def test_data_sources() -> None:
    assert variable(type="datasource", query="loki").engines == (Engine.LOKI,)
    refused = variable(type="datasource", query="mysql")
    assert "mysql" in refused.reason


def test_constants_text_boxes_and_switches() -> None:
    constant = variable(type="constant", query="x")
    assert (constant.current, constant.hide) == ((Choice("x", "x"),), "variable")
    box = variable(type="textbox", query="a", current={"text": "b", "value": "b"})
    assert box.current == (Choice("b", "b"),)
    assert variable(type="textbox", query="a").current == (Choice("a", "a"),)
    switch = variable(type="switch", enabledValue="on", disabledValue="off")
    assert [one.value for one in switch.options] == ["on", "off"]
    assert switch.current == (Choice("off", "off"),)


def test_constants_of_exports() -> None:
    document = of_variables({"name": "v", "type": "constant", "query": "${VAR_V}"})
    document["__inputs"] = [{"name": "VAR_V", "type": "constant", "value": "prod"}]
    assert read(document)[0].variables[0].current == (Choice("prod", "prod"),)


def test_filters() -> None:
    filters = [{"key": "a", "operator": "=~", "value": "b"}, {"value": "x"}]
    found = variable(type="adhoc", filters=filters, datasource={"type": "loki"})
    assert found.filters == (("a", "=~", "b"),)
    assert found.datasource is not None
    assert found.datasource.engine is Engine.LOKI


def test_kinds_that_are_not_known_keep_their_value() -> None:
    given = {"name": "v", "type": "groupby", "current": {"text": "a", "value": "a"}}
    dashboard, findings = read(of_variables(given))
    (found,) = dashboard.variables
    assert (found.kind, found.current) == ("textbox", (Choice("a", "a"),))
    assert "groupby" in findings[0].message


def test_names_are_unique_words() -> None:
    given = [{"name": "a", "type": "custom"}, {"name": "a", "type": "custom"}, {"name": "a-b"}, {}]
    dashboard, findings = read(of_variables(*given))
    assert [one.name for one in dashboard.variables] == ["a"]
    assert [one.code for one in findings] == ["variable", "variable"]
