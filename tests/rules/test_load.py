"""What is wrong in a rule file breaks as little as possible."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config.problem import has_errors
from appliance.promql.context import ALL_FEATURES
from appliance.rules.group_state import GroupState
from appliance.rules.load import load_groups

GOOD = "{record: good, expr: up}"


def load(tmp_path: Path, text: str) -> tuple[list[GroupState], list[str]]:
    file = tmp_path / "rules.yml"
    file.write_text(text)
    groups, problems = load_groups([file], interval_ms=60_000, offset_ms=0, features=ALL_FEATURES)
    return groups, [problem.render() for problem in problems]


def health(groups: list[GroupState]) -> dict[str, list[str]]:
    return {group.group.name: [rule.health for rule in group.rules] for group in groups}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{record: r, expr: 'sum('}", "could not parse expression"),
        ("{alert: a, expr: up, for: 5x}", "not a valid duration string"),
        ("{alert: a, expr: up, foo: 1}", "foo"),
        ("{expr: up}", "one of 'record' or 'alert' must be set"),
        ("{alert: a, expr: up, annotations: {s: '{{ x }}'}}", 'function "x" not defined'),
        ("{alert: a, expr: up, labels: {s: '{{ x }}'}}", 'function "x" not defined'),
        ("{alert: a, expr: up, annotations: {s: {x: y}}}", "cannot unmarshal"),
        ("{record: r, expr: up, for: 1m}", "invalid field 'for'"),
    ],
)
def test_a_broken_rule_breaks_only_itself(tmp_path: Path, bad: str, message: str) -> None:
    text = f"groups:\n- name: g\n  rules:\n  - {GOOD}\n  - {bad}\n  - {GOOD}\n"
    groups, problems = load(tmp_path, text)
    assert health(groups) == {"g": ["unknown", "err", "unknown"]}
    broken = groups[0].rules[1]
    assert broken.last_error.startswith(f"{tmp_path / 'rules.yml'}:5:")
    assert message in broken.last_error
    assert any(message in problem for problem in problems)


def test_a_broken_group_breaks_only_itself(tmp_path: Path) -> None:
    text = (
        f"groups: [{{name: a, interval: 5, rules: [{GOOD}]}}, {{name: b, rules: [{GOOD}]}},"
        f" {{name: b, rules: [{GOOD}]}}]"
    )
    groups, _ = load(tmp_path, text)
    assert health(groups) == {"a": ["err"], "b": ["unknown"]}


def test_what_is_no_rule_at_all_is_left_out(tmp_path: Path) -> None:
    text = f"groups: [{{name: g, rules: [just text, {GOOD}, {{record: r, expr: 'sum('}}]}}]"
    groups, _ = load(tmp_path, text)
    assert health(groups) == {"g": ["unknown", "err"]}


@pytest.mark.parametrize("text", ["groups: [", "groups: {a: b}", f"groups: []\nrules: [{GOOD}]"])
def test_a_broken_file_gives_no_groups(tmp_path: Path, text: str) -> None:
    groups, problems = load(tmp_path, text)
    assert groups == []
    assert problems


def test_items_without_a_value_and_further_documents_are_left_out(tmp_path: Path) -> None:
    text = f"groups:\n- name: g\n  rules:\n  -\n  - {GOOD}\n---\ngroups: []\n"
    file = tmp_path / "rules.yml"
    file.write_text(text)
    groups, problems = load_groups([file], interval_ms=1, offset_ms=0, features=ALL_FEATURES)
    assert health(groups) == {"g": ["unknown"]}
    assert not has_errors(problems)
    assert [(problem.line, problem.code) for problem in problems] == [
        (4, "bad-value"),
        (6, "second-document"),
    ]


async def test_a_broken_rule_fails_and_its_group_goes_on(tmp_path: Path) -> None:
    from tests.rules.rule_bench import RuleBench

    bench = RuleBench(tmp_path)
    try:
        text = f"groups: [{{name: g, rules: [{{record: r, expr: 'sum('}}, {GOOD}]}}]"
        groups, _ = load(tmp_path, text)
        await bench.manager.apply(groups)
        bench.put({"up/a": 1})
        await bench.step(groups[0])
        assert health(groups) == {"g": ["err", "ok"]}
        assert bench.ask("good") == {"good{job=a}": 1}
        assert "could not parse" in groups[0].rules[0].last_error
    finally:
        bench.close()
