"""Relabelling: every action, templates, and what is refused."""

from __future__ import annotations

import pytest

from appliance.config.load import load_text
from appliance.config.scalars import Regex
from appliance.config.schema import section
from appliance.model.labels import Labels
from appliance.relabel import Action, RelabelConfig, relabel, relabel_steps


@section
class Steps:
    steps: tuple[RelabelConfig, ...] = ()


LABELS = {"__name__": "up", "a": "foo", "b": "bar", "c": "baz", "host": "db1.example:9100"}


def run(steps: str, labels: dict[str, str] | None = None) -> dict[str, str] | None:
    decoded = load_text(Steps, f"steps: [{steps}]", file="s.yml", variables={})
    assert decoded.problems == []
    assert decoded.value is not None
    found = relabel(Labels.of(LABELS if labels is None else labels), decoded.value.steps)
    return None if found is None else dict(found)


@pytest.mark.parametrize(
    ("steps", "changed"),
    [
        ("{source_labels: [a], target_label: d}", {"d": "foo"}),
        ("{source_labels: [a, b], target_label: d}", {"d": "foo;bar"}),
        ("{source_labels: [a, b], separator: '', target_label: d}", {"d": "foobar"}),
        (
            "{source_labels: [a], regex: 'f(.*)', target_label: d, replacement: 'x${1}y'}",
            {"d": "xooy"},
        ),
        ("{source_labels: [a], regex: 'f(.*)', target_label: d, replacement: '$1y'}", {"d": ""}),
        ("{source_labels: [a], regex: 'f(.)', target_label: d}", {}),
        (
            "{source_labels: [a], regex: 'f(.*)', target_label: 'x_$1', replacement: v}",
            {"x_oo": "v"},
        ),
        ("{source_labels: [a], regex: '(x)?.*', target_label: '$1', replacement: v}", {}),
        (
            "{source_labels: [a], regex: 'f(?P<r>.*)', target_label: d, replacement: '${r}$$'}",
            {"d": "oo$"},
        ),
        (
            "{source_labels: [a], regex: '(x)?(.*)', target_label: d, replacement: '[$1|$2|$01]'}",
            {"d": "[|foo|]"},
        ),
        ("{source_labels: [a], target_label: d, replacement: '$ ${ ${} $-'}", {"d": "$ ${ ${} $-"}),
        ("{target_label: d, replacement: static}", {"d": "static"}),
        ("{target_label: a, replacement: ''}", {"a": ""}),
        ("{source_labels: [nope], target_label: a}", {"a": ""}),
        ("{source_labels: [a], regex: 'fo.', action: Keep}", {}),
        ("{source_labels: [nope], regex: '', action: keep}", {}),
        ("{source_labels: [a], regex: 'fo', action: drop}", {}),
        ("{source_labels: [a, b], target_label: c, action: dropequal}", {}),
        ("{source_labels: [nope], target_label: nope2, action: keepequal}", {}),
        ("{source_labels: [c], target_label: d, modulus: 1000, action: hashmod}", {"d": "976"}),
        (
            "{regex: '(a|b)', replacement: 'map_$1', action: labelmap}",
            {"map_a": "foo", "map_b": "bar"},
        ),
        ("{regex: '[abc]', action: labeldrop}", {"a": "", "b": "", "c": ""}),
        ("{regex: '__name__|host', action: labelkeep}", {"a": "", "b": "", "c": ""}),
        ("{source_labels: [a], target_label: a, action: uppercase}", {"a": "FOO"}),
        ("{source_labels: [a], target_label: d, action: lowercase}", {"d": "foo"}),
        ("{source_labels: [host], regex: '([^.]+)\\..*', target_label: host}", {"host": "db1"}),
        (
            "{target_label: x, replacement: '1'}, {source_labels: [x, a], target_label: y}",
            {"x": "1", "y": "1;foo"},
        ),
    ],
)
def test_actions_change_labels_as_prometheus_does(steps: str, changed: dict[str, str]) -> None:
    expected = {name: value for name, value in (LABELS | changed).items() if value}
    assert run(steps) == expected


@pytest.mark.parametrize(
    "steps",
    [
        "{source_labels: [a], regex: foo, action: drop}",
        "{source_labels: [a], regex: bar, action: keep}",
        "{source_labels: [nope], regex: '', action: drop}",
        "{source_labels: [a], target_label: a, action: dropequal}",
        "{source_labels: [a], target_label: b, action: keepequal}",
        "{source_labels: [a], regex: foo, action: drop}, {target_label: x, replacement: v}",
    ],
)
def test_actions_that_drop(steps: str) -> None:
    assert run(steps) is None


def test_the_dot_matches_a_newline() -> None:
    assert run("{source_labels: [a], regex: 'x.y', action: keep}", {"a": "x\ny"}) == {"a": "x\ny"}


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            "action: hashmod, source_labels: [a], target_label: b",
            "hashmod requires non-zero modulus",
        ),
        ("action: replace", "replace action requires 'target_label' value"),
        ("action: keepequal, source_labels: [a]", "keepequal action requires 'target_label' value"),
        (
            "action: labeldrop, regex: a, source_labels: [b]",
            "'source_labels' can not be set for labeldrop",
        ),
        ("action: uppercase, target_label: a, replacement: b", "'replacement' can not be set"),
        ("action: dropequal, target_label: a, regex: b", "'regex' can not be set"),
        ("action: explode", "unknown relabel action 'explode'; one of replace, keep"),
        ("regex: '(', target_label: a", "error parsing regexp: "),
    ],
)
def test_impossible_steps_are_refused(step: str, message: str) -> None:
    decoded = load_text(Steps, f"steps: [{{{step}}}]", file="s.yml")
    assert [message in problem.message for problem in decoded.problems] == [True]


def test_steps_tell_what_each_makes_of_labels() -> None:
    steps = [
        RelabelConfig(target_label="b", replacement="1"),
        RelabelConfig(source_labels=("b",), regex=Regex("1"), action=Action.DROP),
        RelabelConfig(target_label="c", replacement="2"),
    ]
    found = relabel_steps(Labels.of({"a": "x"}), steps)
    assert [(dict(step.output), step.is_kept) for step in found] == [
        ({"a": "x", "b": "1"}, True),
        ({}, False),
        ({}, False),
    ]
    assert [step.rule for step in found] == steps
