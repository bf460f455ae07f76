"""Text → the context after it: JavaScript's part (Go's html/template, transition.go and js.go)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.gotemplate.html.context import Context, Slash, State
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The context after a text, and how much of it is read.
Transition = Callable[[Context, str], tuple[Context, int]]

_SPECIAL = re.compile("[\"'`/{}<#-]")
_TEMPLATE_SPECIAL = re.compile(r"[`\\]|\$\{")
_LINE_END = re.compile("[\n\r\u2028\u2029]")
_BLANKS = "\f\n\r\t\v\x20\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_SIGNS = re.compile(r"(\++|-+)\Z")
_WORD = re.compile(r"[$\w]*\Z", re.ASCII)
_BEFORE_REGEXP = frozenset(
    [
        "break",
        "case",
        "continue",
        "delete",
        "do",
        "else",
        "finally",
        "in",
        "instanceof",
        "return",
        "throw",
        "try",
        "typeof",
        "void",
    ]
)
_STARTS = {'"': State.JS_DOUBLE, "'": State.JS_SINGLE}
_ENDS = {
    State.JS_DOUBLE: re.compile(r'["\\]'),
    State.JS_SINGLE: re.compile(r"['\\]"),
    State.JS_REGEXP: re.compile(r"[/\\\[\]]"),
}


def slash_after(text: str, before: Slash) -> Slash:
    """What a slash would start after a piece of JavaScript.

    Args:
        before: The same at the start of the piece.
    """
    text = text.rstrip(_BLANKS)
    if not text:
        return before
    last = text[-1]
    if signs := _SIGNS.search(text):
        # `x++ / 2` divides, `x + /re/` does not.
        return Slash.REGEXP if len(signs[0]) % 2 else Slash.DIVISION
    if last == ".":
        return Slash.DIVISION if text[-2:-1].isdigit() else Slash.REGEXP
    if last in ",<>=*%&|^?!~([:;{}":
        return Slash.REGEXP
    word = _WORD.search(text)
    return Slash.REGEXP if word and word[0] in _BEFORE_REGEXP else Slash.DIVISION


def _js(context: Context, text: str) -> tuple[Context, int]:  # noqa: PLR0911 - one per character
    match = _SPECIAL.search(text)
    if match is None:
        return replace(context, slash=slash_after(text, context.slash)), len(text)
    at, char = match.start(), match[0]
    context = replace(context, slash=slash_after(text[:at], context.slash))
    if char in _STARTS:
        return replace(context, state=_STARTS[char], slash=Slash.REGEXP), at + 1
    if char == "/":
        return _slash(context, text, at)
    if char in "{}":
        return _brace(context, char), at + 1
    if char == "`":
        return replace(context, state=State.JS_TEMPLATE), at + 1
    for start, state in (
        ("<!--", State.JS_HTML_OPEN_COMMENT),
        ("-->", State.JS_HTML_CLOSE_COMMENT),
        ("#!", State.JS_LINE_COMMENT),
    ):
        if text.startswith(start, at):
            return replace(context, state=state), at + len(start)
    return replace(context, slash=slash_after(text[: at + 1], context.slash)), at + 1


def _slash(context: Context, text: str, at: int) -> tuple[Context, int]:
    following = text[at + 1 : at + 2]
    if following in {"/", "*"}:
        is_line = following == "/"
        state = State.JS_LINE_COMMENT if is_line else State.JS_BLOCK_COMMENT
        return replace(context, state=state), at + 2
    if context.slash is Slash.REGEXP:
        return replace(context, state=State.JS_REGEXP), at + 1
    if context.slash is Slash.DIVISION:
        return replace(context, slash=Slash.REGEXP), at + 1
    raise BadInput(f"'/' could start a division or regexp: {quote(text[at:][:32])}")


def _brace(context: Context, char: str) -> Context:
    """Braces count only within `${…}`: its end goes back to the literal's text."""
    context = replace(context, slash=Slash.REGEXP)
    if not context.braces:
        return context
    *outer, depth = context.braces
    if char == "{":
        return replace(context, braces=(*outer, depth + 1))
    if depth > 0:
        return replace(context, braces=(*outer, depth - 1))
    return replace(context, state=State.JS_TEMPLATE, braces=tuple(outer))


def _template(context: Context, text: str) -> tuple[Context, int]:
    at = 0
    while match := _TEMPLATE_SPECIAL.search(text, at):
        at = match.end()
        if match[0] == "`":
            # As in Go, a slash after a template literal starts a regular expression.
            return replace(context, state=State.JS), at
        if match[0] == "${":
            return replace(context, state=State.JS, braces=(*context.braces, 0)), at
        at += 1
        if at > len(text):
            raise _unfinished(text)
    return context, len(text)


def _unfinished(text: str) -> BadInput:
    return BadInput(f"unfinished escape sequence in JS string: {quote(text)}")


def _delimited(context: Context, text: str) -> tuple[Context, int]:
    at, is_in_class = 0, False
    while match := _ENDS[context.state].search(text, at):
        at, char = match.end(), match[0]
        if char == "\\":
            if at >= len(text):
                raise _unfinished(text)
            at += 1
        elif char in "[]":
            is_in_class = char == "["
        elif char == "/" and text[at - 2 : at + 6].lower() == "</script":
            continue
        elif not is_in_class:
            return replace(context, state=State.JS, slash=Slash.DIVISION), at
    if is_in_class:
        raise BadInput(f"unfinished JS regexp charset: {quote(text)}")
    return context, len(text)


def _block_comment(context: Context, text: str) -> tuple[Context, int]:
    end = text.find("*/")
    return (context, len(text)) if end < 0 else (replace(context, state=State.JS), end + 2)


def _line_comment(context: Context, text: str) -> tuple[Context, int]:
    match = _LINE_END.search(text)
    # The line's end is not part of the comment: it may end a statement.
    return (replace(context, state=State.JS), match.start()) if match else (context, len(text))


JS_TRANSITIONS: Mapping[State, Transition] = {
    State.JS: _js,
    State.JS_DOUBLE: _delimited,
    State.JS_SINGLE: _delimited,
    State.JS_REGEXP: _delimited,
    State.JS_TEMPLATE: _template,
    State.JS_BLOCK_COMMENT: _block_comment,
    State.JS_LINE_COMMENT: _line_comment,
    State.JS_HTML_OPEN_COMMENT: _line_comment,
    State.JS_HTML_CLOSE_COMMENT: _line_comment,
}
