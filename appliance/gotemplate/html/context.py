"""Where in an HTML document a template's value would stand (Go's html/template, context.go).

A context is found by reading the template's own text; the same context means the same escaping.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace


class State(enum.Enum):
    """What the text before the value belongs to; the value is Go's name, for messages."""

    TEXT = "stateText"
    TAG = "stateTag"
    ATTR_NAME = "stateAttrName"
    AFTER_NAME = "stateAfterName"
    BEFORE_VALUE = "stateBeforeValue"
    HTML_COMMENT = "stateHTMLCmt"
    RCDATA = "stateRCDATA"
    ATTR = "stateAttr"
    URL = "stateURL"
    SRCSET = "stateSrcset"
    META_CONTENT = "stateMetaContent"
    META_CONTENT_URL = "stateMetaContentURL"
    JS = "stateJS"
    JS_DOUBLE = "stateJSDqStr"
    JS_SINGLE = "stateJSSqStr"
    JS_TEMPLATE = "stateJSTmplLit"
    JS_REGEXP = "stateJSRegexp"
    JS_BLOCK_COMMENT = "stateJSBlockCmt"
    JS_LINE_COMMENT = "stateJSLineCmt"
    JS_HTML_OPEN_COMMENT = "stateJSHTMLOpenCmt"
    JS_HTML_CLOSE_COMMENT = "stateJSHTMLCloseCmt"
    CSS = "stateCSS"
    CSS_DOUBLE = "stateCSSDqStr"
    CSS_SINGLE = "stateCSSSqStr"
    CSS_DOUBLE_URL = "stateCSSDqURL"
    CSS_SINGLE_URL = "stateCSSSqURL"
    CSS_URL = "stateCSSURL"
    CSS_BLOCK_COMMENT = "stateCSSBlockCmt"
    CSS_LINE_COMMENT = "stateCSSLineCmt"
    DEAD = "stateDead"


class Delim(enum.Enum):
    """What ends the attribute's value that we are in."""

    NONE = "delimNone"
    DOUBLE = "delimDoubleQuote"
    SINGLE = "delimSingleQuote"
    SPACE = "delimSpaceOrTagEnd"


class UrlPart(enum.Enum):
    """How far into an address we are; the part tells what may break out of it."""

    NONE = "urlPartNone"
    BEFORE_QUERY = "urlPartPreQuery"
    QUERY = "urlPartQueryOrFrag"
    UNKNOWN = "urlPartUnknown"


class Slash(enum.Enum):
    """What a slash in JavaScript would start."""

    REGEXP = "jsCtxRegexp"
    DIVISION = "jsCtxDivOp"
    UNKNOWN = "jsCtxUnknown"


class Attr(enum.Enum):
    """What an attribute's value is."""

    NONE = "attrNone"
    SCRIPT = "attrScript"
    SCRIPT_TYPE = "attrScriptType"
    STYLE = "attrStyle"
    URL = "attrURL"
    SRCSET = "attrSrcset"
    META_CONTENT = "attrMetaContent"


class Element(enum.Enum):
    """The element whose tag or content we are in, where it matters."""

    NONE = "elementNone"
    SCRIPT = "elementScript"
    STYLE = "elementStyle"
    TEXTAREA = "elementTextarea"
    TITLE = "elementTitle"
    META = "elementMeta"


@dataclass(frozen=True, slots=True)
class Context:
    """Where we are.

    Attributes:
        braces: Open braces within each `${` of nested JavaScript template literals.
    """

    state: State = State.TEXT
    delim: Delim = Delim.NONE
    url_part: UrlPart = UrlPart.NONE
    slash: Slash = Slash.REGEXP
    braces: tuple[int, ...] = ()
    attr: Attr = Attr.NONE
    element: Element = Element.NONE

    def __str__(self) -> str:
        """As in Go's messages."""
        return (
            f"{{{self.state.value} {self.delim.value} {self.url_part.value} {self.slash.value}"
            f" {list(self.braces)} {self.attr.value} {self.element.value} <nil>}}"
        ).replace(",", "")

    @property
    def suffix(self) -> str:
        """What is added to the name of a template that is called here; empty in plain text."""
        if self.state is State.TEXT:
            return ""
        parts = [f"$htmltemplate_{self.state.value}"]
        defaults = (Delim.NONE, UrlPart.NONE, Slash.REGEXP, Attr.NONE, Element.NONE)
        for part, default in zip(
            (self.delim, self.url_part, self.slash, self.attr, self.element), defaults, strict=True
        ):
            if part is not default:
                parts.append(f"_{part.value}")
        return "".join([*parts, f"_jsBraceDepth({self.braces})" if self.braces else ""])


COMMENTS = frozenset(
    (
        State.HTML_COMMENT, State.JS_BLOCK_COMMENT, State.JS_LINE_COMMENT,
        State.JS_HTML_OPEN_COMMENT, State.JS_HTML_CLOSE_COMMENT, State.CSS_BLOCK_COMMENT,
        State.CSS_LINE_COMMENT,
    )
)  # fmt: skip
SCRIPT_LITERALS = frozenset((State.JS_DOUBLE, State.JS_SINGLE, State.JS_TEMPLATE, State.JS_REGEXP))
#: The state at the start of a value.
ATTR_STARTS = {
    Attr.NONE: State.ATTR,
    Attr.SCRIPT: State.JS,
    Attr.SCRIPT_TYPE: State.ATTR,
    Attr.STYLE: State.CSS,
    Attr.URL: State.URL,
    Attr.SRCSET: State.SRCSET,
    Attr.META_CONTENT: State.META_CONTENT,
}
#: The state within an element.
CONTENTS = {
    Element.NONE: State.TEXT,
    Element.SCRIPT: State.JS,
    Element.STYLE: State.CSS,
    Element.TEXTAREA: State.RCDATA,
    Element.TITLE: State.RCDATA,
    Element.META: State.TEXT,
}


def nudged(context: Context) -> Context:
    """The context of a value: one within a tag is a name, one after `=` an unquoted value."""
    match context.state:
        case State.TAG:
            return replace(context, state=State.ATTR_NAME)
        case State.BEFORE_VALUE:
            start = ATTR_STARTS[context.attr]
            return replace(context, state=start, delim=Delim.SPACE, attr=Attr.NONE)
        case State.AFTER_NAME:
            return replace(context, state=State.ATTR_NAME, attr=Attr.NONE)
    return context


def joined(first: Context, second: Context) -> Context | None:
    """The context after two branches; None when they end in different ones."""
    if first.state is State.DEAD:
        return second
    if second.state is State.DEAD or first == second:
        return first
    if replace(first, url_part=second.url_part) == second:
        return replace(first, url_part=UrlPart.UNKNOWN)
    if replace(first, slash=second.slash) == second:
        return replace(first, slash=Slash.UNKNOWN)
    one, other = nudged(first), nudged(second)
    return None if (one, other) == (first, second) else joined(one, other)
