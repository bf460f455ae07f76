"""The decoder: kinds, collected errors with places, suggestions, origins."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest

from appliance.config.load import Decoded, load_text
from appliance.config.problem import Severity
from appliance.config.scalars import ByteSize, Duration, Regex
from appliance.config.schema import key, section
from appliance.config.secret import Secret

if TYPE_CHECKING:
    from appliance.config.report import Report


class Level(Enum):
    LOW = "low"
    HIGH = "high"


@section
class Rule:
    name: str
    only_if: str = key("if", default="")
    replacement: str = key(default="$1", literal=True)
    annotations: dict[str, str] = key(
        default_factory=dict, kind_hint=lambda name, indent: f"move {name} up {indent} columns"
    )


@section
class Base:
    interval: Duration = Duration(60_000)
    timeout: Duration = Duration(10_000)

    def check(self, report: Report) -> None:
        if self.timeout > self.interval:
            report.error(self, "timeout", "timeout greater than interval")


@section
class Root(Base):
    text: str = ""
    count: int = 0
    ratio: float = 0.0
    enabled: bool = False
    level: Level = Level.LOW
    size: ByteSize | None = None
    password: Secret | None = None
    regex: Regex = Regex(".*")
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = key(default=(), single=True)
    labels: dict[str, str] = key(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    empty: Rule | None = None
    marker: Base | None = key(default=None, null_is_empty=True)
    later: Any = key(default=None, unavailable=True)


def decode(text: str, variables: dict[str, str] | None = None) -> Decoded[Root]:
    return load_text(Root, text, file="f.yml", variables=variables)


def value(text: str, variables: dict[str, str] | None = None) -> Root:
    decoded = decode(text, variables)
    assert decoded.problems == []
    assert decoded.value is not None
    return decoded.value


def lines(text: str, variables: dict[str, str] | None = None) -> list[str]:
    return [problem.render() for problem in decode(text, variables).problems]


@pytest.mark.parametrize("source", ["1.10", "on", "12:30", "0x10", "2024-01-01", "~x", "1e3"])
def test_text_keeps_the_source_of_the_scalar(source: str) -> None:
    assert value(f"text: {source}\nlabels: {{a: {source}}}").text == source
    assert value(f"labels: {{a: {source}}}").labels == {"a": source}


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("count: 1_000", "count", 1000),
        ("count: 0x10", "count", 16),
        ("count: 010", "count", 8),
        ("ratio: 1", "ratio", 1.0),
        ("ratio: 1.5e3", "ratio", 1500.0),
        ("ratio: -.inf", "ratio", float("-inf")),
        ("enabled: yes", "enabled", True),
        ("enabled: Off", "enabled", False),
        ("enabled: y", "enabled", True),
        ("level: high", "level", Level.HIGH),
        ("interval: 1h30m", "interval", 5_400_000),
        ("size: 64MiB", "size", 64 << 20),
        ("size: 1.5KB", "size", 1536),
        ("names: [a, 1.0, ~]", "names", ("a", "1.0", "")),
        ("sources: a", "sources", ("a",)),
        ("sources: [a, b]", "sources", ("a", "b")),
        ("labels: {a: , b: x}", "labels", {"a": "", "b": "x"}),
        ("marker:", "marker", Base()),
        ("text:", "text", ""),
        ("", "text", ""),
        ("~", "text", ""),
    ],
)
def test_values_take_the_kind_their_field_wants(text: str, name: str, expected: object) -> None:
    assert getattr(value(text), name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count: '5'", "f.yml:1:8: error[wrong-kind]: count: cannot unmarshal !!str `5` into int"),
        (
            "enabled: 1",
            "f.yml:1:10: error[wrong-kind]: enabled: cannot unmarshal !!int `1` into bool",
        ),
        ("text: {a: b}", "f.yml:1:7: error[wrong-kind]: text: cannot unmarshal !!map into string"),
        ("text: [a]", "f.yml:1:7: error[wrong-kind]: text: cannot unmarshal !!seq into string"),
        ("names: a", "f.yml:1:8: error[wrong-kind]: names: cannot unmarshal !!str `a` into list"),
        ("labels: []", "f.yml:1:9: error[wrong-kind]: labels: cannot unmarshal !!seq into map"),
        (
            "rules: [x]",
            "f.yml:1:9: error[wrong-kind]: rules[0]: cannot unmarshal !!str `x` into map",
        ),
        ("rules: [~]", "f.yml:1:9: error[bad-value]: rules[0]: empty or null item in a list"),
        ("rules: [{}]", "f.yml:1:9: error[missing-key]: rules[0]: name is missing"),
        ("level: mid", "f.yml:1:8: error[bad-value]: level: unknown value 'mid'; one of low, high"),
        ("[]", "f.yml:1:1: error[wrong-kind]: cannot unmarshal !!seq into map"),
        (
            "a: b: c",
            "f.yml:1:5: error[yaml-syntax]: mapping values are not allowed in this context",
        ),
        ("{a: 1", "f.yml:2:1: error[yaml-syntax]: did not find expected ',' or '}'"),
    ],
)
def test_wrong_values_are_named_with_their_place(text: str, expected: str) -> None:
    found = lines(text)
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_all_errors_of_a_file_are_reported_in_order() -> None:
    text = "count: x\nintervall: 5s\nrules:\n  - nam: a\n  - name: b\n    if: {}\nratio: y\n"
    found = [(p.line, p.column, p.path, p.code) for p in decode(text).problems]
    assert found == [
        (1, 8, "count", "wrong-kind"),
        (2, 1, "intervall", "unknown-key"),
        (4, 5, "rules[0].nam", "unknown-key"),
        (4, 5, "rules[0]", "missing-key"),
        (6, 9, "rules[1].if", "wrong-kind"),
        (7, 8, "ratio", "wrong-kind"),
    ]


def test_a_misspelt_key_brings_a_suggestion() -> None:
    assert decode("intervall: 5s").problems[0].hint == "did you mean 'interval'?"
    assert decode("zzz: 5s").problems[0].hint.startswith("known keys: count, ")


def test_a_key_twice_is_refused_where_it_repeats() -> None:
    (problem,) = decode("text: a\ncount: 1\ntext: b\n").problems
    assert (problem.line, problem.code) == (3, "duplicate-key")
    assert problem.hint == "it was already set in line 1"
    assert decode("labels: {a: x, a: y}").problems[0].path == "labels.a"


def test_anchors_and_merge_keys_work_and_explicit_keys_win() -> None:
    text = "rules:\n  - &a {name: x, if: one}\n  - <<: *a\n    name: y\n"
    first, second = value(text).rules
    assert (first.name, second.name, second.only_if) == ("x", "y", "one")


def test_a_document_that_contains_itself_is_refused() -> None:
    found = decode("later: &a [*a]").problems
    assert "too-large" in {problem.code for problem in found}


def test_many_aliases_of_aliases_are_refused_in_reasonable_time() -> None:
    layers = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 8)]
    text = "later: {" + ", ".join(layers) + "}"
    assert [p.code for p in decode(text).problems if p.severity is Severity.ERROR] == ["too-large"]


def test_the_hint_of_a_field_explains_nested_mappings() -> None:
    text = "rules:\n- name: a\n  annotations:\n    summary: s\n    labels:\n      severity: x\n"
    (problem,) = decode(text).problems
    assert (problem.line, problem.column) == (5, 5)
    assert problem.path == "rules[0].annotations.labels"
    assert problem.hint == "move labels up 2 columns"


def test_unavailable_keys_are_kept_with_a_warning() -> None:
    decoded = decode("text: a\nlater: {x: [1, yes, 12:30, null]}\n")
    (problem,) = decoded.problems
    assert decoded.ok
    assert (problem.severity, problem.line) == (Severity.WARNING, 2)
    assert "not available yet" in problem.message
    assert decoded.value is not None
    assert decoded.value.later == {"x": [1, True, "12:30", None]}


def test_checks_across_keys_point_at_the_key() -> None:
    (problem,) = decode("interval: 5s\ntimeout: 6s\n").problems
    assert (problem.line, problem.path) == (2, "timeout")


def test_checks_do_not_judge_defaults_in_place_of_refused_values() -> None:
    assert [p.path for p in decode("interval: 5 seconds\ntimeout: 70s\n").problems] == ["interval"]


def test_origins_of_sections_keys_and_items_are_known() -> None:
    decoded = decode("names:\n  - a\n  - b\nrules:\n  - name: x\n    if: y\n")
    root = decoded.value
    assert root is not None
    assert decoded.origin(root, ("names", 1))[1:] == (3, 5)
    assert decoded.origin(root.rules[0])[1:] == (5, 5)
    assert decoded.origin(root.rules[0], "if")[1:] == (6, 5)
    assert decoded.origin(root.rules[0], "annotations")[1:] == (5, 5)


def test_variables_are_expanded_in_values_and_keep_the_structure() -> None:
    found = value("text: ${P}\ncount: ${N}\nnames: ['${P}']", {"P": 'a: "b', "N": "7"})
    assert (found.text, found.count, found.names) == ('a: "b', 7, ('a: "b',))


def test_literal_fields_are_not_expanded() -> None:
    (rule,) = value("rules: [{name: '${N}', replacement: '${N}'}]", {"N": "n"}).rules
    assert (rule.name, rule.replacement) == ("n", "${N}")


def test_an_unset_variable_is_named_with_its_place() -> None:
    (problem,) = decode("text: a\npassword: '${DB_PASSWORD}'\n", {}).problems
    assert (problem.line, problem.column, problem.code) == (2, 11, "unset-variable")
    assert "DB_PASSWORD" in problem.message
    assert "${DB_PASSWORD:-default}" in problem.hint


def test_no_variables_means_no_expansion() -> None:
    assert value("text: ${A}").text == "${A}"


def test_secrets_do_not_appear_in_decoded_text() -> None:
    found = value("password: hunter2")
    assert "hunter2" not in repr(found)
    assert found.password == Secret("hunter2")
