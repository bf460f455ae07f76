"""Text → the context after it: the part of CSS (Go's html/template, transition.go and css.go)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.gotemplate.html.context import Context, State, UrlPart
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.gotemplate.html.transition_js import Transition

_SPECIAL = re.compile("[(\"'/]")
_LINE_END = re.compile("[\n\f\r]")
_URL_END = re.compile(r"(?:\A|[^\w\-\x80-\U0010ffff])url\Z", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})(?:\r\n|[ \t\n\f\r])?|(.)|\Z)", re.DOTALL)
_BLANKS = " \t\n\f\r"
_ENDS = {
    State.CSS_DOUBLE: re.compile(r'[\\"]'),
    State.CSS_SINGLE: re.compile(r"[\\']"),
    State.CSS_DOUBLE_URL: re.compile(r'[\\"]'),
    State.CSS_SINGLE_URL: re.compile(r"[\\']"),
    State.CSS_URL: re.compile(r"[\\\t\n\f\r )]"),
}


def decode_css(text: str) -> str:
    r"""A text without CSS' escapes: `\41 b` is `Ab`."""
    return _ESCAPE.sub(_decoded, text) if "\\" in text else text


def _decoded(match: re.Match[str]) -> str:
    if not match[1]:
        return match[2] or ""
    number = int(match[1], 16)
    is_valid = number <= 0x10FFFF and not 0xD800 <= number < 0xE000
    return chr(number) if is_valid else "\N{REPLACEMENT CHARACTER}"


def _css(context: Context, text: str) -> tuple[Context, int]:
    at = 0
    while match := _SPECIAL.search(text, at):
        at, char = match.end(), match[0]
        if char == "(" and _URL_END.search(text[: at - 1].rstrip(_BLANKS)):
            rest = text[at:].lstrip(_BLANKS)
            start = len(text) - len(rest)
            if rest[:1] == '"':
                return replace(context, state=State.CSS_DOUBLE_URL), start + 1
            if rest[:1] == "'":
                return replace(context, state=State.CSS_SINGLE_URL), start + 1
            return replace(context, state=State.CSS_URL), start
        if char in "\"'":
            state = State.CSS_DOUBLE if char == '"' else State.CSS_SINGLE
            return replace(context, state=state), at
        if char == "/" and text[at : at + 1] in {"/", "*"}:
            is_line = text[at] == "/"
            state = State.CSS_LINE_COMMENT if is_line else State.CSS_BLOCK_COMMENT
            return replace(context, state=state), at + 1
    return context, len(text)


def _string(context: Context, text: str) -> tuple[Context, int]:
    at, read = 0, 0
    while match := _ENDS[context.state].search(text, at):
        at = match.end()
        if match[0] != "\\":
            return replace(context, state=State.CSS), at
        if at >= len(text):
            raise BadInput(f"unfinished escape sequence in CSS string: {quote(text)}")
        at += 1
        context, read = _address_after(context, decode_css(text[:at])), at
    return _address_after(context, decode_css(text[read:])), len(text)


def _address_after(context: Context, text: str) -> Context:
    """As for addresses in HTML: what is in a string may be one."""
    if set(text) & {"?", "#"}:
        return replace(context, url_part=UrlPart.QUERY)
    if text.strip(_BLANKS) and context.url_part is UrlPart.NONE:
        return replace(context, url_part=UrlPart.BEFORE_QUERY)
    return context


def _block_comment(context: Context, text: str) -> tuple[Context, int]:
    end = text.find("*/")
    return (context, len(text)) if end < 0 else (replace(context, state=State.CSS), end + 2)


def _line_comment(context: Context, text: str) -> tuple[Context, int]:
    match = _LINE_END.search(text)
    return (replace(context, state=State.CSS), match.start()) if match else (context, len(text))


CSS_TRANSITIONS: Mapping[State, Transition] = {
    State.CSS: _css,
    **dict.fromkeys(_ENDS, _string),
    State.CSS_BLOCK_COMMENT: _block_comment,
    State.CSS_LINE_COMMENT: _line_comment,
}
