"""Reading, composing and overlaying YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from appliance.config.document import compose, overlay, position, read

if TYPE_CHECKING:
    from pathlib import Path


def test_marks_carry_the_file() -> None:
    node, problems = compose("a:\n  - b\n", "dir/x.yml")
    assert problems == []
    assert isinstance(node, yaml.MappingNode)
    assert position(node.value[0][1].value[0]) == ("dir/x.yml", 2, 5)


def test_two_documents_and_control_characters_are_refused_with_their_place() -> None:
    assert compose("a: 1\n---\nb: 2\n", "f")[1][0].line == 2
    problem = compose("a: 1\nb: \x01", "f")[1][0]
    assert (problem.line, problem.column, problem.code) == (2, 4, "yaml-syntax")


def test_deep_nesting_is_refused_before_it_can_exhaust_the_stack() -> None:
    assert compose("a: " + "[" * 99 + "]" * 99, "f")[1] == []
    for text in ("a: " + "[" * 200_000, "a: " + "[" * 100 + "]" * 100, "- " * 150 + "x"):
        (problem,) = compose(text, "f")[1]
        assert problem.message == "nested more than 100 deep"


def test_tabs_bring_a_hint() -> None:
    assert "not tabs" in compose("a:\n\t- b\n", "f")[1][0].hint


def test_bytes_that_are_no_text_are_refused() -> None:
    assert compose(b"a: \xff\xfe", "f")[1][0].code == "yaml-syntax"


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    data, (problem,) = read(tmp_path / "none.yml")
    assert data == b""
    assert "no such file" in problem.message


def test_overlay_sets_values_at_dotted_paths_and_names_their_source() -> None:
    root, _ = compose("a: {b: 1, c: 2}\nd: x\n", "f")
    tree = overlay(root, {"a.b": "9", "d.e": "[1, 2]", "f": "a: b"}, "--set {}")
    assert yaml.serialize(tree) == "a: {b: 9, c: 2}\nd:\n  e: [1, 2]\nf: 'a: b'\n"
    inner = {key.value: value for key, value in tree.value}["a"].value[0][1]
    assert position(inner).file == "--set a.b"
