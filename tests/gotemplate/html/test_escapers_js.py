"""Values in JavaScript; answers are those of Go's html/template."""

from __future__ import annotations

import pytest

from tests.gotemplate.html.rendering import rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = {{ . }}", 'x = "it\'s \\u003c/script\\u003e"'),
        ("x = '{{ . }}'", "x = 'it\\u0027s \\u003c\\/script\\u003e'"),
        ("x = `{{ . }}${ {{ . }} }`", None),
        ("x = /{{ . }}/", "x = /it\\u0027s \\u003c\\/script\\u003e/"),
        ('x = /{{ "a.b*" }}{{ "" }}/', "x = /a\\.b\\*(?:)/"),
        ("x = {{ 1 }} + {{ true }}", "x =  1  +  true "),
        ("x = {{ list 1 .  }}", 'x = [1,"it\'s \\u003c/script\\u003e"]'),
        ("x = {{ print nil }}", 'x = "\\u003cnil\\u003e"'),
        ('x = "{{ "a`\\\\b" }}"', 'x = "a\\u0060\\\\b"'),
    ],
)
def test_values(text: str, expected: str | None) -> None:
    found = rendered(f"<script>{text}</script>", "it's </script>")
    inner = found.removeprefix("<script>").removesuffix("</script>")
    assert "</script" not in inner
    assert expected is None or inner == expected


def test_handlers_are_escaped_twice() -> None:
    assert rendered('<a onclick="f({{ . }})">', "a'b") == '<a onclick="f(&#34;a&#39;b&#34;)">'


def test_a_value_without_json_becomes_null() -> None:
    found = rendered("<script>x = {{ . }}</script>", {"a": float("nan")})
    assert found == "<script>x =  /* json: unsupported value: NaN */null </script>"
