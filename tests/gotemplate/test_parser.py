"""Structure of templates, and Go's words for what is wrong with it."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.parser import parse

FUNCTIONS = {"f", "args"}


def refused(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        parse("x", text, FUNCTIONS)
    return caught.value.message.removeprefix("template: x:")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ nofunc }}", '1: function "nofunc" not defined'),
        ("{{ $nope }}", '1: undefined variable "$nope"'),
        ("{{ if 1 }}{{ $x := 1 }}{{ end }}{{ $x }}", '1: undefined variable "$x"'),
        ("{{ end }}", "1: unexpected {{end}}"),
        ("{{ else }}", "1: unexpected {{else}}"),
        ("{{ if 1 }}x", "1: unexpected EOF"),
        ("{{ if }}{{ end }}", "1: missing value for if"),
        ("{{ if 1 }}{{ else }}{{ else }}{{ end }}", "1: expected end; found {{else}}"),
        ("{{ if 1 }}{{ else with 1 }}{{ end }}", "1: unexpected <with> in input"),
        ("{{ break }}", "1: {{break}} outside {{range}}"),
        ('{{ range args }}{{ block "z" . }}{{ continue }}', "1: {{continue}} outside {{range}}"),
        ("{{ define x }}{{ end }}", '1: unexpected "x" in define clause'),
        ('{{ if 1 }}{{ define "x" }}', "1: unexpected <define> in command"),
        ("{{ template }}", '1: unexpected "}}" in template clause'),
        ("{{ end 1 }}", '1: unexpected "1" in end'),
        ("a\nb {{ if 1\n}}\nc {{ nofunc }}", '4: function "nofunc" not defined'),
        ("a {{ 1\n2\n", "3: unclosed action started at x:1"),
        ("a {{ (1\n2 }}", "2: unclosed left paren in action started at x:1"),
        (
            '{{ define "x" }}a{{ end }}{{ define "x" }}b{{ end }}',
            '1: template: multiple definition of template "x"',
        ),
    ],
)
def test_errors(text: str, message: str) -> None:
    assert refused(text) == message


def test_definitions_are_templates_of_their_own_with_their_own_variables() -> None:
    found = parse("x", '{{ $a := 1 }}{{ define "y" }}t{{ end }}{{ $a }}', FUNCTIONS)
    assert [tree.name for tree in found] == ["x", "y"]
    assert refused('{{ $a := 1 }}{{ define "y" }}{{ $a }}{{ end }}').endswith('"$a"')


def test_deep_nesting_is_refused() -> None:
    assert "deep" in refused("{{ if 1 }}" * 100 + "{{ end }}" * 100)
    assert "deep" in refused("{{ " + "(" * 100 + "1" + ")" * 100 + " }}")
