"""Text → the context after it: HTML's part (Go's html/template, transition.go).

Each function reads the text of one state and gives the next context and how far it read; what
follows is read by the next state's function.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.gotemplate.html.attributes import Content, content_of, is_script_type
from appliance.gotemplate.html.context import (
    ATTR_STARTS,
    COMMENTS,
    CONTENTS,
    SCRIPT_LITERALS,
    Attr,
    Context,
    Delim,
    Element,
    State,
    UrlPart,
)
from appliance.gotemplate.html.transition_css import CSS_TRANSITIONS
from appliance.gotemplate.html.transition_js import JS_TRANSITIONS
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.gotemplate.html.transition_js import Transition

_BLANKS = re.compile(r"[ \t\n\f\r]*")
_TAG = re.compile(r"<(?:(!--)|(/?)([A-Za-z][A-Za-z0-9]*(?:[:-][A-Za-z0-9]+)*))")
_ATTR_NAME = re.compile(r"[^ \t\n\f\r=>'\"<]*")
_META_URL = re.compile(r"url[ \t\n\f\r]*=", re.IGNORECASE)
_VALUE_END = {
    Delim.DOUBLE: re.compile('"'),
    Delim.SINGLE: re.compile("'"),
    Delim.SPACE: re.compile("[ \t\n\f\r>]"),
}
_UNQUOTED = re.compile("[\"'<=`]")
_TAG_END = {
    Element.SCRIPT: re.compile(r"</script(?=[ \t\n\f/>])", re.IGNORECASE),
    Element.STYLE: re.compile(r"</style(?=[ \t\n\f/>])", re.IGNORECASE),
    Element.TEXTAREA: re.compile(r"</textarea(?=[ \t\n\f/>])", re.IGNORECASE),
    Element.TITLE: re.compile(r"</title(?=[ \t\n\f/>])", re.IGNORECASE),
}
_ELEMENTS = {
    "script": Element.SCRIPT, "style": Element.STYLE, "textarea": Element.TEXTAREA,
    "title": Element.TITLE, "meta": Element.META,
}  # fmt: skip
_ATTRS = {
    Content.URL: Attr.URL, Content.CSS: Attr.STYLE, Content.JS: Attr.SCRIPT,
    Content.SRCSET: Attr.SRCSET,
}  # fmt: skip


def context_after(context: Context, text: str) -> tuple[Context, int]:
    """The context after a piece of text.

    Returns:
        The context, and how much of the text is read.

    Raises:
        BadInput: The text is no HTML, CSS or JavaScript that can be told from anything else.
    """
    if context.delim is Delim.NONE:
        found, end = _content_end(context, text)
        return (found, 0) if end == 0 else _TRANSITIONS[context.state](context, text[:end])
    match = _VALUE_END[context.delim].search(text)
    end = match.start() if match else len(text)
    if context.delim is Delim.SPACE and (stray := _UNQUOTED.search(text, 0, end)):
        raise BadInput(f"{quote(stray[0])} in unquoted attr: {quote(text[:end])}")
    if match is None:
        # The text is within the value: what it stands for decides, not how it is written.
        rest = html.unescape(text)
        while rest:
            context, read = _TRANSITIONS[context.state](context, rest)
            rest = rest[read:]
        return context, len(text)
    element = context.element
    if (context.state, element, context.attr) == (State.ATTR, Element.SCRIPT, Attr.SCRIPT_TYPE):
        element = element if is_script_type(text[:end]) else Element.NONE
    is_quoted = context.delim is not Delim.SPACE
    return Context(state=State.TAG, element=element), end + is_quoted


def _content_end(context: Context, text: str) -> tuple[Context, int]:
    """Where the content of a script, style, title or textarea ends."""
    marker = _TAG_END.get(context.element)
    is_script = context.element is Element.SCRIPT
    if marker is None:
        return context, len(text)
    if is_script and (context.state in SCRIPT_LITERALS or context.state in COMMENTS):
        return context, len(text)
    match = marker.search(text)
    return (Context(), match.start()) if match else (context, len(text))


def _text(context: Context, text: str) -> tuple[Context, int]:
    match = _TAG.search(text)
    if match is None:
        return context, len(text)
    if match[1]:
        return replace(context, state=State.HTML_COMMENT), match.end()
    element = Element.NONE if match[2] else _ELEMENTS.get(match[3].lower(), Element.NONE)
    return Context(state=State.TAG, element=element), match.end()


def _tag(context: Context, text: str) -> tuple[Context, int]:
    start = _blanks(text)
    if start == len(text):
        return context, start
    if text[start] == ">":
        return Context(state=CONTENTS[context.element], element=context.element), start + 1
    end = _name_end(text, start)
    if end == start:
        wanted = "expected space, attr name, or end of tag"
        raise BadInput(f"{wanted}, but got {quote(text[start:])}")
    attr = _attr(context.element, text[start:end].lower())
    state = State.ATTR_NAME if end == len(text) else State.AFTER_NAME
    return replace(context, state=state, attr=attr), end


def _attr(element: Element, name: str) -> Attr:
    if element is Element.SCRIPT and name == "type":
        return Attr.SCRIPT_TYPE
    if element is Element.META and name == "content":
        return Attr.META_CONTENT
    return _ATTRS.get(content_of(name), Attr.NONE)


def _attr_name(context: Context, text: str) -> tuple[Context, int]:
    end = _name_end(text, 0)
    return (context if end == len(text) else replace(context, state=State.AFTER_NAME)), end


def _name_end(text: str, start: int) -> int:
    """Where an attribute's name ends.

    Raises:
        BadInput: It holds a quote or a `<`.
    """
    match = _ATTR_NAME.match(text, start)
    end = match.end() if match else start
    if text[end : end + 1] in {"'", '"', "<"}:
        raise BadInput(f"{quote(text[end])} in attribute name: {quote(text[:32])}")
    return end


def _after_name(context: Context, text: str) -> tuple[Context, int]:
    at = _blanks(text)
    if at == len(text):
        return context, at
    if text[at] != "=":
        return replace(context, state=State.TAG, attr=context.attr), at
    return replace(context, state=State.BEFORE_VALUE), at + 1


def _before_value(context: Context, text: str) -> tuple[Context, int]:
    at = _blanks(text)
    if at == len(text):
        return context, at
    delim = {'"': Delim.DOUBLE, "'": Delim.SINGLE}.get(text[at], Delim.SPACE)
    started = replace(context, state=ATTR_STARTS[context.attr], delim=delim)
    return started, at + (delim is not Delim.SPACE)


def _html_comment(context: Context, text: str) -> tuple[Context, int]:
    end = text.find("-->")
    return (context, len(text)) if end < 0 else (Context(), end + 3)


def _rest(context: Context, text: str) -> tuple[Context, int]:
    """Text that changes nothing."""
    return context, len(text)


def _address(context: Context, text: str) -> tuple[Context, int]:
    return address_after(context, text), len(text)


def address_after(context: Context, text: str) -> Context:
    """The context after a part of an address."""
    if set(text) & {"?", "#"}:
        return replace(context, url_part=UrlPart.QUERY)
    if _blanks(text) != len(text) and context.url_part is UrlPart.NONE:
        return replace(context, url_part=UrlPart.BEFORE_QUERY)
    return context


def _meta_content(context: Context, text: str) -> tuple[Context, int]:
    match = _META_URL.search(text)
    if match is None:
        return context, len(text)
    return replace(context, state=State.META_CONTENT_URL), match.end()


def _meta_content_url(context: Context, text: str) -> tuple[Context, int]:
    end = text.find(";")
    if end < 0:
        return context, len(text)
    return replace(context, state=State.META_CONTENT), end + 1


def _blanks(text: str) -> int:
    """How many blanks a text begins with."""
    match = _BLANKS.match(text)
    return match.end() if match else 0


_TRANSITIONS: Mapping[State, Transition] = {
    **CSS_TRANSITIONS,
    **JS_TRANSITIONS,
    State.TEXT: _text,
    State.TAG: _tag,
    State.ATTR_NAME: _attr_name,
    State.AFTER_NAME: _after_name,
    State.BEFORE_VALUE: _before_value,
    State.HTML_COMMENT: _html_comment,
    State.RCDATA: _rest,
    State.ATTR: _rest,
    State.URL: _address,
    State.SRCSET: _address,
    State.META_CONTENT: _meta_content,
    State.META_CONTENT_URL: _meta_content_url,
}
