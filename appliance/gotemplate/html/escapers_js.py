"""Escapers for JavaScript (Go's html/template, js.go)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.gotemplate.html.values import text_of
from appliance.gotemplate.json_text import to_json
from appliance.gotemplate.printf import sprint
from appliance.gotemplate.times import Time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LINES = {0x2028: "\\u2028", 0x2029: "\\u2029"}
_STRING = {
    0: "\\u0000", ord("\t"): "\\t", ord("\n"): "\\n", ord("\v"): "\\u000b", ord("\f"): "\\f",
    ord("\r"): "\\r", ord('"'): "\\u0022", ord("`"): "\\u0060", ord("&"): "\\u0026",
    ord("'"): "\\u0027", ord("+"): "\\u002b", ord("/"): "\\/", ord("<"): "\\u003c",
    ord(">"): "\\u003e", ord("\\"): "\\\\", **_LINES,
}  # fmt: skip
_TEMPLATE = {**_STRING, ord("$"): "\\u0024", ord("{"): "\\u007b", ord("}"): "\\u007d"}
_REGEXP = {
    **{code: to for code, to in _STRING.items() if code != ord("`")},
    **{ord(char): f"\\{char}" for char in "$()*-.?[]^{|}"},
}
_WORD = re.compile(r"[$\w]", re.ASCII)


def js_value(*values: Any) -> str:
    """A value as JavaScript has it: a string with its quotes, a number, an object."""
    value = values[0] if len(values) == 1 else sprint(values)
    if not isinstance(value, Time) and hasattr(value, "go_string"):
        value = value.go_string()
    try:
        text = to_json(value)
    except BadInput as error:
        shown = error.message.replace("*/", "* /").replace("</script", "<\\/script")
        return f" /* {shown} */null "
    # A word beside another one would become a part of it.
    is_word = bool(_WORD.match(text[0]) or _WORD.match(text[-1]))
    return f" {text} " if is_word else text


def js_string(*values: Any) -> str:
    """For a string in JavaScript."""
    return text_of(values).translate(_STRING)


def js_template(*values: Any) -> str:
    """For a template literal in JavaScript."""
    return text_of(values).translate(_TEMPLATE)


def js_regexp(*values: Any) -> str:
    """For a regular expression in JavaScript, where nothing would be a comment."""
    return text_of(values).translate(_REGEXP) or "(?:)"


JS_ESCAPERS: Mapping[str, Callable[..., str]] = {
    "_html_template_jsregexpescaper": js_regexp,
    "_html_template_jsstrescaper": js_string,
    "_html_template_jstmpllitescaper": js_template,
    "_html_template_jsvalescaper": js_value,
}
