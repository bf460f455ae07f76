"""A backtest says what promtool's unit tests of rules see: alerts that fire, minute by minute."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.backtest.asking import MINUTE_MS, START_MS, metric_evaluator, plan_of, run, series, told
from tests.peers import promtool3

PROMTOOL = promtool3()
MINUTES = 20
#: Expression, `for`, `keep_firing_for`, values of two series, `_` for none.
CASES = [
    ("m > 2", "0s", "0s", ("0 3 3 0 3 _ 3 0 0 0 5 5 5 5 5 0 0 0 0 0 0", "3")),
    ("m > 2", "3m", "0s", ("3 3 3 3 3 0 3 3 0 3 3 3 3 3 3 3 0 0 3 3 3", "0 0 3")),
    ("m > 2", "2m", "3m", ("3 3 3 0 0 3 0 0 0 3 0 3 3 3 0 0 0 0 0 3 3", "_ _ 3 3 3 3")),
    ("sum(m) > 5", "1m", "2m", ("1 2 3 4 5 6 7 1 1 1 1 9 9 9 9 0 0 0 0 9 9", "1 1 1 1 1 1 1 1")),
    ("absent(m{a='2'})", "2m", "0s", ("1", "_ _ _ _ _ _ _ _ 1 1 1 _ _")),
]


def values(text: str) -> list[float | None]:
    row = [None if part == "_" else float(part) for part in text.split()]
    return row + [None] * (MINUTES + 1 - len(row))


@pytest.mark.peer
@pytest.mark.skipif(PROMTOOL is None, reason="no promtool of Prometheus 3")
@pytest.mark.parametrize("case", CASES)
def test_alerts_fire_when_promtool_says(
    tmp_path: Path, case: tuple[str, str, str, Sequence[str]]
) -> None:
    expr, hold, keep, rows = case
    rule = {"alert": "High", "expr": expr, "for": hold, "keep_firing_for": keep}
    rules = yaml.safe_dump({"groups": [{"name": "g", "interval": "1m", "rules": [rule]}]})
    source = series({f"a={i}": values(row) for i, row in enumerate(rows, 1)})
    found = run(replace(plan_of(rules), phase_ms=0), metric_evaluator(source), MINUTES)

    (tmp_path / "r.yml").write_text(rules)
    checks = [
        {
            "eval_time": f"{minute}m",
            "alertname": "High",
            "exp_alerts": [
                {"exp_labels": {key: value for key, value in labels if key != "alertname"}}
                for labels, _, fired, ended in told(found)
                if fired <= START_MS + minute * MINUTE_MS < (ended or 2**62)
            ],
        }
        for minute in range(MINUTES + 1)
    ]
    inputs = [
        {"series": f'm{{a="{i}"}}', "values": row + " _" * (MINUTES + 1 - len(row.split()))}
        for i, row in enumerate(rows, 1)
    ]
    test = {"interval": "1m", "input_series": inputs, "alert_rule_test": checks}
    document = {"rule_files": ["r.yml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "t.yml").write_text(yaml.safe_dump(document))

    done = subprocess.run(
        [str(PROMTOOL), "test", "rules", "t.yml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert told(found), "the case is about alerts that fire"
