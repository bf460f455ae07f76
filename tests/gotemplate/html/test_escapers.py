"""What each context makes of a value; answers are those of Go's html/template."""

from __future__ import annotations

import pytest

from tests.gotemplate.html.rendering import rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>{{ . }}</p>", "<p>a&lt;b&gt;&amp;&#39;&#34;&#43;</p>"),
        ("<title>{{ . }}</title>", "<title>a&lt;b&gt;&amp;&#39;&#34;&#43;</title>"),
        ('<p title="{{ . }}">', '<p title="a&lt;b&gt;&amp;&#39;&#34;&#43;">'),
        ("<p title={{ . }}>", "<p title=a&lt;b&gt;&amp;&#39;&#34;&#43;>"),
        ('<p title={{ "a =`" }}>', "<p title=a&#32;&#61;&#96;>"),
        ('<p title={{ "" }}>', "<p title=ZgotmplZ>"),
        ("<p>{{ . | safeHtml }}</p>", "<p>a<b>&'\"+</p>"),
        ('<p title="{{ "<b>x</b>&amp;&" | safeHtml }}">', '<p title="x&amp;&">'),
        ("{{ list 1 . }}", "[1 a&lt;b&gt;&amp;&#39;&#34;&#43;]"),
        ("{{ print nil }}{{ 1.5 }}{{ true }}", "&lt;nil&gt;1.5true"),
        ("<!-- {{ . }} -->x", "x"),
    ],
)
def test_text_and_attributes(text: str, expected: str) -> None:
    assert rendered(text, "a<b>&'\"+") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<a href="{{ "http://x/?a=b&c d" }}">', '<a href="http://x/?a=b&amp;c%20d">'),
        ('<a href="{{ "javascript:alert(1)" }}">', '<a href="#ZgotmplZ">'),
        ('<a href="{{ "mailto:a@b" }}">', '<a href="mailto:a@b">'),
        ('<a href="java{{ "script:x" }}">', '<a href="javascript:x">'),
        ('<a href="/{{ "a?b/c" }}?q={{ "a&b/é" }}">', '<a href="/a?b/c?q=a%26b%2f%c3%a9">'),
        ('<a href="{{ "javascript:x y" | safeUrl }}">', '<a href="javascript:x%20y">'),
        ('<a href="?{{ "a/b" | safeUrl }}">', '<a href="?a/b">'),
        ('<a href="{{ "%41%zz" }}">', '<a href="%41%25zz">'),
        (
            '<img srcset="{{ "/a.png 1x, javascript:x 2x" }}">',
            '<img srcset="/a.png 1x,#ZgotmplZ">',
        ),
        (
            '<meta http-equiv="refresh" content="0; url={{ "javascript:x" }}">',
            '<meta http-equiv="refresh" content="0; url=#ZgotmplZ">',
        ),
    ],
)
def test_addresses(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<style>p{color:{{ . }}}</style>", "<style>p{color:red}</style>"),
        ('<p style="width:{{ 10 }}px">', '<p style="width:10px">'),
        ('<style>p{x:{{ "expression(1)" }}}</style>', "<style>p{x:ZgotmplZ}</style>"),
        ('<style>p{x:{{ "a--b" }}}</style>', "<style>p{x:ZgotmplZ}</style>"),
        ('<style>p{x:"{{ "a;\\"b" }}"}</style>', '<style>p{x:"a\\3b\\22 b"}</style>'),
        (
            '<style>p{x:url({{ "javascript:x" }})}</style>',
            "<style>p{x:url(#ZgotmplZ)}</style>",
        ),
        ("<style>/* {{ . }} */p{}</style>", "<style>  p{}</style>"),
    ],
)
def test_style_sheets(text: str, expected: str) -> None:
    assert rendered(text, "red") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<p {{ "class" }}="x">', '<p class="x">'),
        ('<p {{ "onclick" }}="x">', '<p ZgotmplZ="x">'),
        ('<p {{ "a b" }}>', "<p ZgotmplZ>"),
        ('<p {{ "Checked" }}>', "<p checked>"),
    ],
)
def test_names_of_attributes(text: str, expected: str) -> None:
    assert rendered(text) == expected
