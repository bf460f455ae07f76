"""Contexts through branches, loops and calls; errors are in Go's words."""

from __future__ import annotations

import pytest

from tests.gotemplate.html.rendering import failure, rendered

_TEXT = "{stateText delimNone urlPartNone jsCtxRegexp [] attrNone elementNone <nil>}"
_CALLED, _CALL = '{{ define "t" }}{{ . }}{{ end }}', '{{ template "t" "<" }}'
_HREF = "{stateURL delimDoubleQuote urlPartNone jsCtxRegexp [] attrURL elementNone <nil>}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<a href="{{ if . }}/a{{ else }}/b{{ end }}{{ "c d" }}">', '<a href="/ac%20d">'),
        ("{{ range list 1 2 }}<b {{ . }}>{{ end }}", "<b 1><b 2>"),
        (
            f'{_CALLED}<p>{_CALL}<a href="{_CALL}"><script>{_CALL}</script>',
            '<p>&lt;<a href="%3c"><script>"\\u003c"</script>',
        ),
        ('{{ define "t" }}<b title="{{ end }}{{ template "t" }}{{ "<" }}">', '<b title="&lt;">'),
        (
            (
                '{{ define "t" }}{{ if . }}({{ template "t" (slice . 1) }}){{ end }}{{ end }}'
                '{{ template "t" "ab" }}'
            ),
            "(())",
        ),
        (
            "{{ range list 1 2 3 }}{{ if eq . 2 }}{{ continue }}{{ end }}<i>{{ . }}{{ end }}",
            "<i>1<i>3",
        ),
        ('{{ $x := "<" }}{{ with $x }}{{ . }}{{ end }}', "&lt;"),
        ("{{ block `b` . }}<i>{{ . }}</i>{{ end }}", "<i>&lt;</i>"),
    ],
)
def test_contexts(text: str, expected: str) -> None:
    assert rendered(text, "<") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{{ if . }}<a href="{{ end }}x',
            f"html/template::1:6: {{{{if}}}} branches end in different contexts: {_HREF}, {_TEXT}",
        ),
        (
            '{{ range list 1 }}<a href="{{ end }}',
            "html/template::1:9: on range loop re-entry: {{range}} branches end in different",
        ),
        ('<a href="', f"html/template: ends in a non-text context: {_HREF}"),
        ('<a b=c"d>', 'html/template: "\\"" in unquoted attr: "c\\"d"'),
        ("<a =b>", 'html/template: expected space, attr name, or end of tag, but got "=b>"'),
        ("<a b'c>", 'html/template: "\'" in attribute name: " b\'c>"'),
        (
            '<a href="{{ if . }}/a{{ else }}/b?{{ end }}{{ "c" }}">',
            'html/template::1:46: {{"c"}} appears in an ambiguous context within a URL',
        ),
        (
            "<script>{{ if . }}x{{ else }}y={{ end }} / 1</script>",
            "html/template: '/' could start a division or regexp: \"/ 1\"",
        ),
        ('{{ "<" | html | print }}', 'predefined escaper "html" disallowed in template'),
        ("<p title={{ . | html }}>", 'predefined escaper "html" disallowed in template'),
        ('<p>{{ template "nope" }}', 'html/template::1:15: no such template "nope"'),
        ('<script>"\\', "unfinished escape sequence in JS string"),
        ("<script>/[/{{ . }}", "unfinished JS regexp charset"),
        ("<style>a{b:'\\", "unfinished escape sequence in CSS string"),
        ("<p>{{ .Nope }}</p>", "template: :1:6: executing"),
    ],
)
def test_errors(text: str, message: str) -> None:
    assert message in failure(text, "x")


def test_a_template_that_never_settles_is_refused() -> None:
    called = '{{ define "t" }}{{ if . }}{{ template "t" "" }}{{ end }}"{{ end }}'
    assert failure(called + '<a b="{{ template "t" "x" }}>').startswith("html/template:")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ . | html }}", "&lt;+"),
        ("{{ . | html | html }}", None),
        ("{{ html . . }}", "&lt;+&lt;+"),
        ('<a href="?x={{ urlquery . }}">', '<a href="?x=%3C%2B">'),
        ('<p title="{{ . | html }}">', '<p title="&lt;+">'),
        ("{{ . | urlquery }}", "%3C%2B"),
    ],
)
def test_escapers_that_templates_call_themselves(text: str, expected: str | None) -> None:
    if expected is None:
        assert "disallowed" in failure(text, "<+")
    else:
        assert rendered(text, "<+") == expected
