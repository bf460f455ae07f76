"""Rule files as promtool judges them."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.rules.check import Judgement, check_rule_file, check_rule_text

BROKEN = """\
groups:
  - name: g
    rules:
      - record: a{
        expr: up
      - alert: X
        record: Y
        expr: sum(
        for: 5m
      - expr: up
      - alert: T
        annotations: {x: "{{ nofunc }}"}
        expr: up
        labels: {__name__: q}
  - name: g
  - rules: []
"""


def test_errors_in_order_with_places_and_names() -> None:
    braces = "braces present in the recording rule name; should it be in expr?: a{"
    assert check_rule_text(BROKEN.encode(), "r.yml").errors == [
        f'r.yml: 4:17: group "g", rule 1, "a{{": {braces}',
        (
            'r.yml: 7:17: 6:16: group "g", rule 2, "X":'
            " only one of 'record' and 'alert' must be set"
        ),
        (
            'r.yml: 8:15: group "g", rule 2, "X": could not parse expression:'
            " 1:5: parse error: unclosed left parenthesis"
        ),
        'r.yml: 7:17: group "g", rule 2, "X": invalid field \'for\' in recording rule',
        "r.yml: 0:0: 0:0: group \"g\", rule 3, \"\": one of 'record' or 'alert' must be set",
        'r.yml: group "g", rule 4, "T": invalid label name: __name__',
        (
            'r.yml: group "g", rule 4, "T": annotation "x":'
            ' template: __alert_T:1: function "nofunc" not defined'
        ),
        'r.yml: 15:5: groupname: "g" is repeated in the same file',
        "r.yml: 16:5: Groupname must not be empty",
    ]


def test_unknown_keys_come_together_and_can_be_ignored() -> None:
    text = b"groups:\n- nam: x\n  name: y\n  rules: [{record: a, expr: b, recor: a}]\nother: 1\n"
    assert check_rule_text(text, "").errors == [
        (
            "yaml: unmarshal errors:\n"
            "  line 2: field nam not found in type rulefmt.RuleGroup\n"
            "  line 4: field recor not found in type rulefmt.Rule\n"
            "  line 5: field other not found in type rulefmt.RuleGroups"
        )
    ]
    assert check_rule_text(text, "", Judgement.of("promql", ignore_unknown=True)).errors == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("groups:\n - name: x\n  rules: []\n", "3:3: did not find expected '-' indicator"),
        ("groups: [{name: x, interval: 5x}]", "1:30: groups[0].interval: not a valid duration"),
    ],
)
def test_yaml_that_cannot_be_read(text: str, error: str) -> None:
    (found,) = check_rule_text(text.encode(), "").errors
    assert found.startswith(error)


def test_rules_are_counted_and_duplicates_found() -> None:
    text = """
groups:
- name: a
  labels: {x: y}
  rules: [{record: r, expr: up, labels: {b: c}}, {record: r, expr: up, labels: {x: z}}]
- name: b
  rules: [{record: r, expr: up, labels: {b: c, x: y}}]
"""
    found = check_rule_text(text.encode(), "")
    assert (found.errors, found.count) == ([], 3)
    assert found.duplicates == (("r", (("b", "c"), ("x", "y"))),)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (error,) = check_rule_file(tmp_path / "none.yml").errors
    assert "none.yml" in error
