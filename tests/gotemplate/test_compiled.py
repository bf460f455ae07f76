"""Templates as closures give what the executor gives."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.compiled import NotPlain, compile_nodes
from appliance.gotemplate.execute import Executor
from appliance.gotemplate.parser import parse
from appliance.gotemplate.sprig import GO_TEXT, SPRIG
from appliance.gotemplate.values import StringMap

FUNCTIONS = {**SPRIG, **GO_TEXT}
DATA = StringMap(a="Ada", b="12.5", empty="")


def both_ways(text: str, data: Any = DATA) -> tuple[str, str | None]:
    """What the executor gives, and what the closure does; None when there is none."""
    tree = parse("x", text, [*FUNCTIONS, *BUILTINS])[0]
    run = compile_nodes(tree.body, FUNCTIONS)
    try:
        executed = Executor(tree, {}, FUNCTIONS).run(data)
    except BadInput as error:
        executed = error.message
    try:
        return executed, None if run is None else run(data)
    except NotPlain:
        return executed, None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "{{.a}}-{{.b}}-{{.missing}}",
        "{{ .a | upper | trunc 2 }}",
        '{{ printf "%s %v" .a (len .b) }}',
        '{{ if eq .a "Ada" }}yes{{ else if .b }}maybe{{ else }}no{{ end }}',
        "{{ if .empty }}x{{ end }}{{ if not .empty }}y{{ end }}",
        '{{ if and .a (hasPrefix "A" .a) }}both{{ end }}{{ or .empty "z" }}',
        "{{ addf .b 1 }} {{ .b | int | add 1 }} {{ round .b 0 }}",
        '{{ fromJson "x" }} {{ 5 }} {{ true }} {{ "q" }}',
        '{{ default "-" .empty }}{{ .empty | default 3 }}',
    ],
)
def test_plain_templates(text: str) -> None:
    executed, compiled = both_ways(text)
    assert compiled == executed


@pytest.mark.parametrize(
    "text",
    [
        "{{ $x := .a }}{{ $x }}",
        "{{ range .a }}{{ end }}",
        "{{ with .a }}{{ . }}{{ end }}",
        "{{ . }}",
        "{{ .a.b }}",
        "{{ trunc .b .a }}",
        "{{ trunc 1 }}",
        "{{ now | upper }}",
        "{{ .a 1 }}",
        "{{ div 1 0 }}",
        "{{ fromJson .a | upper }}",
    ],
)
def test_everything_else_is_left_to_the_executor(text: str) -> None:
    assert both_ways(text)[1] is None


def test_a_map_without_a_zero_has_no_value() -> None:
    assert both_ways("{{ .missing }}", {"a": "x"}) == ("<no value>", "<no value>")
    assert both_ways("{{ .missing | upper }}", {"a": "x"})[1] is None


def test_functions_of_the_dot() -> None:
    tree = parse("x", "{{ self | upper }}", [*FUNCTIONS, "self"])[0]
    run = compile_nodes(tree.body, FUNCTIONS, {"self": lambda dot: dot["a"]})
    assert run is not None
    assert run(DATA) == "ADA"
