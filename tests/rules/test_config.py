"""Rule files: accepted and refused as the original does it."""

from __future__ import annotations

import pytest

from appliance.config.load import load_text
from appliance.config.problem import Severity
from appliance.rules.config import RuleFile


def problems(text: str) -> list[tuple[str, str]]:
    decoded = load_text(RuleFile, text, file="r.yml", variables=None)
    return [(p.path, p.message) for p in decoded.problems if p.severity is Severity.ERROR]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "groups:",
        "groups: [{name: a}]",
        "groups: [{name: a, interval: 0s, limit: 5, query_offset: 5m, labels: {team: x}}]",
        "groups: [{name: a, rules: [{record: 'a:b', expr: 5, labels: {a: 5, b: }}]}]",
        "groups: [{name: a, rules: [{alert: 'A B', expr: x, for: 5m, keep_firing_for: 1m}]}]",
        "groups: [{name: a, rules: [{alert: a, expr: x, annotations: {s-t: '{{ $value }}${X}'}}]}]",
    ],
)
def test_sound_files_are_accepted(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("rule", "path", "message"),
    [
        ("record: a, alert: b, expr: x", ".alert", "only one of 'record' and 'alert' must be set"),
        ("expr: x", "", "one of 'record' or 'alert' must be set"),
        ("record: a", ".expr", "field 'expr' must be set in rule"),
        ("alert: a, expr: ' '", ".expr", "field 'expr' must be set in rule"),
        ("record: a, expr: x, for: 5m", ".for", "invalid field 'for' in recording rule"),
        ("record: a, expr: x, annotations: {a: b}", ".annotations", "invalid field 'annotations'"),
        ("record: 'a{b=\"c\"}', expr: x", ".record", "braces present in the recording rule name"),
        ("alert: a, expr: x, for: 5", ".for", "not a valid duration string: '5'"),
        ("alert: a, expr: x, labels: {__name__: y}", ".labels.__name__", "invalid label name"),
        ("alert: a, expr: x, labels: {'': y}", ".labels.", "is not a valid label name"),
        ("alert: a, expr: x, labels: {a: [b]}", ".labels.a", "cannot unmarshal !!seq into string"),
        ("alert: a, exp: x", ".exp", "unknown key 'exp'"),
    ],
)
def test_rules_that_prometheus_refuses(rule: str, path: str, message: str) -> None:
    found = problems(f"groups: [{{name: a, rules: [{{{rule}}}]}}]")
    assert (f"groups[0].rules[0]{path}", True) in [(p, message in text) for p, text in found]


def test_groups_need_names_of_their_own() -> None:
    assert problems("groups: [{rules: []}]") == [("groups[0].name", "groupname must not be empty")]
    ((path, message),) = problems("groups:\n- name: a\n- name: a\n")
    assert path == "groups[1].name"
    assert "'a' is repeated in the same file" in message


def test_other_mappings_in_annotations_get_the_plain_help() -> None:
    text = "groups: [{name: a, rules: [{alert: a, expr: x, annotations: {foo: {b: c}}}]}]"
    (problem,) = load_text(RuleFile, text, file="r.yml").problems
    assert "move" not in problem.hint


def test_the_same_rule_twice_is_a_warning() -> None:
    text = (
        "groups:\n- name: a\n  rules:\n  - {alert: a, expr: x, labels: {s: p}}\n"
        "  - {alert: a, expr: y, labels: {s: q}}\n  - {alert: a, expr: z, labels: {s: p}}\n"
    )
    (problem,) = load_text(RuleFile, text, file="r.yml").problems
    assert (problem.line, problem.severity) == (6, Severity.WARNING)
    assert "repeat line 4" in problem.message
