"""Text and the context after it."""

from __future__ import annotations

import pytest

from appliance.gotemplate.ast import Text
from appliance.gotemplate.html.context import Attr, Context, Delim, Element, Slash, State, UrlPart
from appliance.gotemplate.html.text import escaped_text


def after(text: str) -> Context:
    return escaped_text(Context(), Text(0, text))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", Context()),
        ("<p", Context(State.TAG)),
        ("<p>", Context()),
        ("</p", Context(State.TAG)),
        ("<p a", Context(State.ATTR_NAME)),
        ("<p a ", Context(State.AFTER_NAME)),
        ("<p a =", Context(State.BEFORE_VALUE)),
        ("<p a=b c=", Context(State.BEFORE_VALUE)),
        ("<p a='b", Context(State.ATTR, Delim.SINGLE)),
        ("<p a=b", Context(State.ATTR, Delim.SPACE)),
        ("<!-- x", Context(State.HTML_COMMENT)),
        ("<a href='x?", Context(State.URL, Delim.SINGLE, UrlPart.QUERY, attr=Attr.URL)),
        ("<a HREF=x", Context(State.URL, Delim.SPACE, UrlPart.BEFORE_QUERY, attr=Attr.URL)),
        ("<a onclick='", Context(State.JS, Delim.SINGLE, attr=Attr.SCRIPT)),
        ("<a style='", Context(State.CSS, Delim.SINGLE, attr=Attr.STYLE)),
        ("<a onclick='&quot;", Context(State.JS_DOUBLE, Delim.SINGLE, attr=Attr.SCRIPT)),
        ("<title>", Context(State.RCDATA, element=Element.TITLE)),
        ("<title></TITLE>", Context()),
        ("<textarea><p>", Context(State.RCDATA, element=Element.TEXTAREA)),
        ("<script type=text/plain>a/", Context()),
        ("<script type='module'>", Context(State.JS, element=Element.SCRIPT)),
        ("<script>a</script>", Context()),
        ("<style>a{", Context(State.CSS, element=Element.STYLE)),
    ],
)
def test_html(text: str, expected: Context) -> None:
    assert after(text) == expected


@pytest.mark.parametrize(
    ("text", "state", "slash"),
    [
        ("", State.JS, Slash.REGEXP),
        ("x", State.JS, Slash.DIVISION),
        ("x =", State.JS, Slash.REGEXP),
        ("x++", State.JS, Slash.DIVISION),
        ("x +", State.JS, Slash.REGEXP),
        ("1.", State.JS, Slash.DIVISION),
        ("return", State.JS, Slash.REGEXP),
        ("returns", State.JS, Slash.DIVISION),
        ("f(", State.JS, Slash.REGEXP),
        ("'a", State.JS_SINGLE, Slash.REGEXP),
        ("'a\\'", State.JS_SINGLE, Slash.REGEXP),
        ("'a'", State.JS, Slash.DIVISION),
        ("x = /a", State.JS_REGEXP, Slash.REGEXP),
        ("x = /[/]a", State.JS_REGEXP, Slash.REGEXP),
        ("x = /a/", State.JS, Slash.DIVISION),
        ("x / y", State.JS, Slash.DIVISION),
        ("`a${", State.JS, Slash.REGEXP),
        ("`a${ {} }", State.JS_TEMPLATE, Slash.REGEXP),
        ("// a", State.JS_LINE_COMMENT, Slash.REGEXP),
        ("/* a", State.JS_BLOCK_COMMENT, Slash.REGEXP),
        ("<!-- a", State.JS_HTML_OPEN_COMMENT, Slash.REGEXP),
        ("// a\n", State.JS, Slash.REGEXP),
    ],
)
def test_javascript(text: str, state: State, slash: Slash) -> None:
    found = after("<script>" + text)
    assert (found.state, found.slash) == (state, slash)


@pytest.mark.parametrize(
    ("text", "state", "part"),
    [
        ("a{b:c", State.CSS, UrlPart.NONE),
        ("a{b:url(", State.CSS_URL, UrlPart.NONE),
        ("a{b:url( /x", State.CSS_URL, UrlPart.BEFORE_QUERY),
        ("a{b:url('/x?", State.CSS_SINGLE_URL, UrlPart.QUERY),
        ('a{b:url("', State.CSS_DOUBLE_URL, UrlPart.NONE),
        ("a{b:curl(", State.CSS, UrlPart.NONE),
        ("a{b:'c\\'", State.CSS_SINGLE, UrlPart.BEFORE_QUERY),
        ("a{b:'c'", State.CSS, UrlPart.NONE),
        ("/* a", State.CSS_BLOCK_COMMENT, UrlPart.NONE),
        ("// a", State.CSS_LINE_COMMENT, UrlPart.NONE),
    ],
)
def test_style_sheets(text: str, state: State, part: UrlPart) -> None:
    found = after("<style>" + text)
    assert (found.state, found.url_part) == (state, part)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a < b <c>", "a &lt; b <c>"),
        ("<!DOCTYPE html><!-- x -->y", "<!DOCTYPE html>y"),
        ("<script>a /* b */ c // d\ne</script>", "<script>a   c \ne</script>"),
        ("<script>a /* b\n */ c</script>", "<script>a \n c</script>"),
        ('<script>"<script></script>"</script>', '<script>"\\x3Cscript>\\x3C/script>"</script>'),
        ("<style>a /* b */ {}</style>", "<style>a   {}</style>"),
        ("<title>a < b</title>", "<title>a &lt; b</title>"),
    ],
)
def test_what_is_printed_of_text(text: str, printed: str) -> None:
    assert escaped_text(Context(), Text(0, text))[1].text == printed
