"""A template's own text without comments, stray `<` escaped (Go's html/template, escape.go)."""

from __future__ import annotations

import re

from appliance.gotemplate.ast import Text
from appliance.gotemplate.html.context import COMMENTS, SCRIPT_LITERALS, Context, Delim, State
from appliance.gotemplate.html.transition import context_after

_STRAY = re.compile(r"<(?!!DOCTYPE)", re.IGNORECASE)
_SCRIPT_TAG = re.compile(r"<(script|/script|!--)", re.IGNORECASE)
_LINE_END = re.compile("[\n\r\u2028\u2029]")
#: How many characters begin a comment.
_COMMENT_STARTS = {
    State.HTML_COMMENT: 4,
    State.JS_HTML_OPEN_COMMENT: 4,
    State.JS_HTML_CLOSE_COMMENT: 3,
}


def escaped_text(context: Context, node: Text) -> tuple[Context, Text]:
    """The text as it is printed, and the context after it.

    Raises:
        BadInput: As `context_after`.
    """
    text, parts = node.text, []
    at, written = 0, 0
    while at < len(text):
        after, read = context_after(context, text[at:])
        end = at + read
        if context.state in {State.TEXT, State.RCDATA}:
            stop = end
            if after.state is not context.state:
                stop = max(text.rfind("<", at, end), at) if "<" in text[at:end] else end
            piece = _STRAY.sub("&lt;", text[at:stop])
            parts += [text[written:at], piece]
            written = stop
        elif context.state in COMMENTS and context.delim is Delim.NONE:
            if context.state is State.JS_BLOCK_COMMENT:
                parts.append("\n" if _LINE_END.search(text, written, end) else " ")
            elif context.state is State.CSS_BLOCK_COMMENT:
                parts.append(" ")
            written = end
        if context.state in SCRIPT_LITERALS and _SCRIPT_TAG.search(text, at, end):
            parts += [text[written:at], _SCRIPT_TAG.sub(r"\\x3C\1", text[at:end])]
            written = end
        if (
            after.state is not context.state
            and after.state in COMMENTS
            and after.delim is Delim.NONE
        ):
            parts.append(text[written : end - _COMMENT_STARTS.get(after.state, 2)])
            written = end
        context, at = after, end
    if context.state not in COMMENTS or context.delim is not Delim.NONE:
        parts.append(text[written:])
    made = "".join(parts)
    return context, node if made == text else Text(node.position, made)
