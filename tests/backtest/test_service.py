"""Whole backtests: rules, who would have been told, the report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from appliance.backtest.question import ExprAsked, FileAsked, Question
from appliance.base.errors import BadInput, NotFound
from tests.backtest.asking import MINUTE_MS, START_MS, backtester, metric_evaluator, series
from tests.sources import make_guard

ROUTING = """\
route:
  receiver: tickets
  group_by: [alertname]
  group_wait: 1m
  group_interval: 5m
  repeat_interval: 1h
  routes:
  - matchers: [severity="page"]
    receiver: pager
  - matchers: [severity="none"]
    receiver: nobody
inhibit_rules:
- source_matchers: [severity="page"]
  target_matchers: [severity="ticket"]
  equal: [a]
receivers: [{name: tickets}, {name: pager}, {name: nobody}]
"""
FILE = """\
groups:
- name: g
  interval: 1m
  rules:
  - {record: ignored, expr: m}
  - alert: High
    expr: m > 1
    for: 2m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.a }} is {{ $value }}"}
  - alert: Low
    expr: m > 0
    labels: {severity: ticket}
"""
#: One alert fires for two hours.
VALUES = {"a=1": [0.0] * 10 + [5.0, 2.0] * 60 + [0.0] * 60}
END_MS = START_MS + 190 * MINUTE_MS


def ask(question: Question, values: dict[str, list[float]] | None = None) -> dict[str, Any]:
    evaluator = metric_evaluator(series(VALUES if values is None else values))
    testing = backtester({"promql": evaluator}, ROUTING, external={"cluster": "c"})
    plans = testing.plans(question)
    return testing.run(question, plans, testing.routing(), make_guard()).document()


def file_of(alert: str = "") -> FileAsked:
    return FileAsked("r.yml", FILE, alert)


def minutes(text: str) -> float:
    """Minutes since the start."""
    return (datetime.fromisoformat(text).timestamp() * 1000 - START_MS) / MINUTE_MS


def test_episodes_and_who_would_have_been_told() -> None:
    found = ask(Question(START_MS, END_MS, files=(file_of("High"),)))

    (rule,) = found["rules"]
    (episode,) = rule["episodes"]
    assert (rule["fired"], rule["alerts"], rule["flaps"], rule["failed"]) == (1, 1, 0, 0)
    assert (rule["file"], rule["line"], rule["group"]) == ("r.yml", 6, "g")
    assert episode["labels"] == {
        "a": "1", "alertname": "High", "cluster": "c", "severity": "page",
    }  # fmt: skip
    assert episode["annotations"] == {"summary": f"1 is {episode['value']}"}
    assert (episode["max_value"], episode["min_value"]) == ("5", "2")
    fired = minutes(episode["fired_at"])
    assert fired == minutes(episode["active_at"]) + 2
    assert rule["firing_seconds"] == pytest.approx((minutes(episode["ended_at"]) - fired) * 60)
    assert [(one["receiver"], round(minutes(one["at"]) - fired, 3)) for one in episode["told"]] == [
        ("pager", 1.0)
    ]
    told = found["notifications"]
    assert told["is_complete"]
    assert [one["reason"] for one in told["list"]] == [
        "first notification", "repeat interval elapsed", "all alerts resolved",
    ]  # fmt: skip
    assert told["total"] == 3


def test_rules_inhibit_each_other() -> None:
    alone = ask(Question(START_MS, END_MS, files=(file_of("Low"),)))
    together = ask(Question(START_MS, END_MS, files=(file_of(),)))

    def receivers(found: dict[str, Any]) -> dict[str, int]:
        return {
            one["receiver"]: one["notifications"] for one in found["notifications"]["receivers"]
        }

    assert receivers(alone)["tickets"] >= 2
    # Told before the page fires, and of the end.
    assert receivers(together)["tickets"] < receivers(alone)["tickets"]
    assert receivers(together)["pager"] == 3
    assert [rule["alert"] for rule in together["rules"]] == ["High", "Low"]


def test_an_expression_with_labels_of_its_own() -> None:
    asked = ExprAsked("m > 4", hold_ms=0, labels=(("severity", "none"),))
    found = ask(Question(START_MS, END_MS, exprs=(asked,), episodes=3))

    (rule,) = found["rules"]
    assert (rule["alert"], rule["fired"], len(rule["episodes"])) == ("Backtest", 60, 3)
    assert rule["flaps"] == 59
    assert found["notifications"]["total"] == 0  # the receiver tells nobody
    assert [one["integration"] for one in found["notifications"]["receivers"]] == [""]


def test_a_rule_that_cannot_be_evaluated_leaves_the_others() -> None:
    asked = (ExprAsked('label_replace(m, "x", "$1", "a", "(")'), ExprAsked("m > 4"))
    found = ask(Question(START_MS, END_MS, exprs=asked))

    broken, good = found["rules"]
    assert broken["failed"] == broken["evaluations"]
    assert "invalid regular expression" in broken["error"]
    assert good["fired"] == 60


def test_routing_can_be_left_out() -> None:
    question = Question(START_MS, END_MS, exprs=(ExprAsked("m > 4"),), has_routing=False)

    assert ask(question)["notifications"] is None


@pytest.mark.parametrize(
    ("question", "error", "message"),
    [
        (Question(0, 1, alerts=("Nix",)), NotFound, "no alert 'Nix' is loaded"),
        (Question(0, 1, files=(file_of("Nix"),)), NotFound, "r.yml has no alert 'Nix'"),
        (Question(0, 1, files=(FileAsked("r.yml", "groups: 3"),)), BadInput, "r.yml:1"),
        (Question(0, 1, exprs=(ExprAsked("m >"),)), BadInput, "parse error"),
        (Question(0, 1, exprs=(ExprAsked("m", language="sql"),)), BadInput, "no language"),
        (Question(0, 1), BadInput, "name an alert"),
    ],
)
def test_questions_that_are_refused(
    question: Question, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ask(question)
