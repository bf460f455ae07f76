"""What is drawn of a rule's expression, and where its links lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.rules.config import Rule
from appliance.rules.group_state import GroupState
from appliance.rules.load import load_groups
from appliance.ui.rules import Watched, explorer, rule_row, watched


def groups_with(tmp_path: Path, expr: str) -> GroupState:
    file = tmp_path / "rules.yml"
    file.write_text(
        f"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: '{expr}'\n    for: 5m\n"
    )
    groups, _ = load_groups([file], interval_ms=60_000, offset_ms=0, features=frozenset())
    return groups[0]


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        ("up == 0", Watched("up", "==", 0)),
        ("(rate(x[5m]) > 2 * 0.5)", Watched("rate(x[5m])", ">", 1)),
        ("100 < latency", Watched("latency", ">", 100)),
        ("temperature < -5", Watched("temperature", "<", -5)),
        ("errors > 3 and on (job) up == 1", Watched("errors", ">", 3)),
        ("a > 1 or b > 2", Watched("a > 1 or b > 2")),
        ("a > b", Watched("a > b")),
        ("a > bool 1", Watched("a > bool 1")),
        ("a > 1 / 0", Watched("a > 1 / 0")),
        ("absent(up)", Watched("absent(up)")),
    ],
)
def test_the_compared_side_is_watched(tmp_path: Path, expr: str, found: Watched) -> None:
    group = groups_with(tmp_path, expr)
    assert watched("promql", group.rules[0]) == found


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        ('sum(rate({a="b"}[5m])) > 10', Watched('sum(rate({a="b"}[5m]))', ">", 10)),
        ("a > 1 and b > 2", Watched("a > 1 and b > 2")),
        ('count_over_time({a="b"}[1m])', Watched('count_over_time({a="b"}[1m])')),
    ],
)
def test_logql_is_read_from_its_end(tmp_path: Path, expr: str, found: Watched) -> None:
    rule = groups_with(tmp_path, "up").rules[0]
    rule.rule = Rule(alert="A", expr=expr)
    assert watched("logql", rule) == found


def test_links_lead_to_the_explorer_of_the_language() -> None:
    assert explorer("promql", "a > 1") == "/metrics?g0.expr=a%20%3E%201"
    assert explorer("logql", "x", (1, 2)) == "/logs?q=x&from=1&to=2"
    assert explorer("traceql", "{}") == "/traces?q=%7B%7D"


def test_a_rule_tells_where_it_is_and_how_it_does(tmp_path: Path) -> None:
    group = groups_with(tmp_path, "up == 0")
    row = rule_row("promql", group, group.rules[0])
    assert (row.place, row.state, row.health) == (f"{group.file}:4", "inactive", "unknown")
    assert (row.hold_seconds, row.pending, row.firing) == (300, 0, 0)
