"""Control structures, templates in templates, and limits."""

from __future__ import annotations

import pytest

from appliance.gotemplate.evaluate import Limits
from tests.gotemplate.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ if 0 }}a{{ else if 1 }}b{{ else }}c{{ end }}", "b"),
        ("{{ with 0 }}a{{ else with 3 }}{{ . }}{{ end }}", "3"),
        ("{{ with $x := .Value }}{{ $x }}{{ . }}{{ end }}", "1.51.5"),
        ("{{ range $k, $v := .Labels }}{{ $k }}={{ $v }} {{ end }}", "dc=eu host=web1:9100 "),
        ("{{ range $e := list 1 2 }}{{ $e }}{{ . }}{{ end }}", "1122"),
        ("{{ range $i, $e := list 5 6 }}{{ $i }}{{ $e }}{{ end }}", "0516"),
        ("{{ range list }}a{{ else }}none{{ end }}", "none"),
        ("{{ range 3 }}{{ . }}{{ end }}{{ range .Empty }}{{ else }}-{{ end }}", "012-"),
        ("{{ range list 1 2 3 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "13"),
        ("{{ range list 1 2 3 }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}", "1"),
        ("{{ $x := 0 }}{{ range $i := list 1 2 }}{{ $x = $i }}{{ end }}{{ $x }}", "2"),
        ("{{ $x := 1 }}{{ if 1 }}{{ $x := 2 }}{{ end }}{{ $x }}", "1"),
        ('{{ define "a" }}[{{ . }}{{ $ }}]{{ end }}{{ template "a" 1 }}', "[11]"),
        ('{{ block "b" 5 }}<{{ . }}>{{ end }}', "<5>"),
        ('{{ define "a" }}{{ . }}{{ end }}{{ template "a" }}', "<no value>"),
    ],
)
def test_control(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{{ template "no" }}',
            'x:1:12: executing "x" at <{{template "no"}}>: template "no" not defined',
        ),
        (
            "{{ range 3.5 }}{{ end }}",
            "x:1:9: executing \"x\" at <3.5>: range can't iterate over 3.5",
        ),
        ('{{ define "a" }}{{ .Nope }}{{ end }}{{ template "a" . }}',
         'x:1:19: executing "a" at <.Nope>: can\'t evaluate field Nope in type main.Data'),
    ],
)  # fmt: skip
def test_errors(text: str, message: str) -> None:
    assert failure(text) == f"template: {message}"


def test_recursion_ends() -> None:
    text = '{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}'
    assert "exceeded maximum template depth" in failure(text)


def test_output_ends() -> None:
    long = "x" * 1000
    text = f"{{{{ range 1000 }}}}{{{{ range 1000 }}}}{long}{{{{ end }}}}{{{{ end }}}}"
    assert str(Limits().chars) in failure(text)


def test_values_that_double_end() -> None:
    text = '{{ $x := "abc" }}{{ range 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}'
    assert f"the result is longer than {Limits().chars} characters" in failure(text)


def test_work_ends() -> None:
    assert "steps" in failure("{{ range 1000000000 }}{{ end }}")
