"""What makes a value harmless where it stands (Go's html/template: html.go, css.go, url.go).

They stand at the end of pipelines under the names that Go gives them; templates cannot call them.
JavaScript's are in `escapers_js.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from appliance.gotemplate.html.attributes import Content, content_of
from appliance.gotemplate.html.escapers_js import JS_ESCAPERS
from appliance.gotemplate.html.transition_css import decode_css
from appliance.gotemplate.html.values import UNSAFE, text_of
from appliance.gotemplate.printf import sprint
from appliance.gotemplate.values import ANY, Function, SafeHtml, SafeUrl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TEXT = {
    0: "\N{REPLACEMENT CHARACTER}", ord('"'): "&#34;", ord("&"): "&amp;", ord("'"): "&#39;",
    ord("+"): "&#43;", ord("<"): "&lt;", ord(">"): "&gt;",
}  # fmt: skip
_UNQUOTED = {
    **_TEXT,
    0: "&#xfffd;", ord("\t"): "&#9;", ord("\n"): "&#10;", ord("\v"): "&#11;", ord("\f"): "&#12;",
    ord("\r"): "&#13;", ord(" "): "&#32;", ord("="): "&#61;", ord("`"): "&#96;",
    **{code: f"&#x{code:x};" for code in [*range(0xFDD0, 0xFDF0), *range(0xFFF0, 0x10000)]},
}  # fmt: skip
#: The same for what is HTML already: its references stay.
_TEXT_OF_HTML = {code: to for code, to in _TEXT.items() if code != ord("&")}
_UNQUOTED_OF_HTML = {code: to for code, to in _UNQUOTED.items() if code != ord("&")}
_CSS = {
    0: "\\0", ord("\t"): "\\9", ord("\n"): "\\a", ord("\f"): "\\c", ord("\r"): "\\d",
    ord('"'): "\\22", ord("&"): "\\26", ord("'"): "\\27", ord("("): "\\28", ord(")"): "\\29",
    ord("+"): "\\2b", ord("/"): "\\2f", ord(":"): "\\3a", ord(";"): "\\3b", ord("<"): "\\3c",
    ord(">"): "\\3e", ord("\\"): "\\\\", ord("{"): "\\7b", ord("}"): "\\7d",
}  # fmt: skip
_CSS_SPECIAL = re.compile("[" + "".join(re.escape(chr(code)) for code in _CSS) + "]")
_CSS_REFUSED = re.compile("[\0\"'()/;@\\[\\\\\\]`{}<>]|--")
_CSS_NAME = re.compile(r"[^a-z0-9_-]")
_KEPT = re.compile(rb"[A-Za-z0-9\-._~]")
_RESERVED = b"!#$&*+,/:;=?@[]"
_ENCODED = re.compile(rb"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_SAFE_SCHEMES = {"http", "https", "mailto"}
_METADATA = re.compile(r"[A-Za-z0-9.\-\t\n\f\r ]*")
_MARKUP = re.compile(
    r"<!--.*?-->|</?[A-Za-z][^>\"']*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*>", re.DOTALL
)


def html_text(*values: Any) -> str:
    """For text between tags."""
    text = text_of(values)
    return text if isinstance(text, SafeHtml) else text.translate(_TEXT)


def rcdata(*values: Any) -> str:
    """For a title or a textarea."""
    text = text_of(values)
    return text.translate(_TEXT_OF_HTML if isinstance(text, SafeHtml) else _TEXT)


def quoted_attribute(*values: Any) -> str:
    """For an attribute's value between quotes."""
    text = text_of(values)
    if isinstance(text, SafeHtml):
        return _without_tags(text).translate(_TEXT_OF_HTML)
    return text.translate(_TEXT)


def unquoted_attribute(*values: Any) -> str:
    """For an attribute's value without quotes, which cannot be empty."""
    text = text_of(values)
    if not text:
        return UNSAFE
    if isinstance(text, SafeHtml):
        return _without_tags(text).translate(_UNQUOTED_OF_HTML)
    return text.translate(_UNQUOTED)


def attribute_name(*values: Any) -> str:
    """For the name of an attribute whose value is plain text."""
    text = text_of(values).lower()
    if content_of(text) is not Content.PLAIN or not re.fullmatch("[0-9a-z]+", text):
        return UNSAFE
    return text


def comment(*_values: Any) -> str:
    """For comments, which are left out."""
    return ""


def _without_tags(text: str) -> str:
    return _MARKUP.sub("", text)


# -- addresses


def url_filter(*values: Any) -> str:
    """For an address that could be one of JavaScript."""
    text = text_of(values)
    return text if isinstance(text, SafeUrl) or _is_safe(text) else f"#{UNSAFE}"


def _is_safe(address: str) -> bool:
    scheme, colon, _ = address.partition(":")
    return not colon or "/" in scheme or scheme.lower() in _SAFE_SCHEMES


def url_escaper(*values: Any) -> str:
    """For a part of an address's query."""
    text = text_of(values)
    return encoded_url(text, keeps_reserved=isinstance(text, SafeUrl))


def url_normalizer(*values: Any) -> str:
    """For a whole address: only what cannot stand in one is encoded."""
    return encoded_url(text_of(values), keeps_reserved=True)


def encoded_url(text: str, *, keeps_reserved: bool) -> str:
    """Percent-encoded bytes, but for letters, digits and, if wanted, what structures addresses."""

    def one(match: re.Match[bytes]) -> bytes:
        piece = match[0]
        if len(piece) > 1:
            return piece if keeps_reserved else b"%25" + piece[1:]
        if _KEPT.match(piece) or (keeps_reserved and piece in _RESERVED):
            return piece
        return b"%%%02x" % piece[0]

    return _ENCODED.sub(one, text.encode("utf-8", "surrogateescape")).decode()


def srcset(*values: Any) -> str:
    """For a list of addresses of pictures."""
    text = text_of(values)
    if isinstance(text, SafeUrl):
        return url_normalizer(text).replace(",", "%2c")
    return ",".join(_picture(part) for part in text.split(","))


def _picture(part: str) -> str:
    bare = part.lstrip(" \t\n\f\r")
    start = len(part) - len(bare)
    address = re.split(r"[ \t\n\f\r]", bare, maxsplit=1)[0]
    end = start + len(address)
    if _is_safe(address) and _METADATA.fullmatch(part[end:]):
        return part[:start] + encoded_url(address, keeps_reserved=True) + part[end:]
    return f"#{UNSAFE}"


# -- style sheets


def css_string(*values: Any) -> str:
    """For a string in CSS."""
    text = text_of(values)

    def one(match: re.Match[str]) -> str:
        escape = _CSS[ord(match[0])]
        following = text[match.end() : match.end() + 1]
        is_open = not following or following in " \t\n\f\r0123456789abcdefABCDEF"
        return escape + " " if is_open and escape != "\\\\" else escape

    return _CSS_SPECIAL.sub(one, text)


def css_value(*values: Any) -> str:
    """For a value in CSS: a word, a number, a colour; nothing that could do anything."""
    text = decode_css(text_of(values))
    name = _CSS_NAME.sub("", text.lower())
    if _CSS_REFUSED.search(text) or "expression" in name or "mozbinding" in name:
        return UNSAFE
    return text


def _arguments(*values: Any) -> str:
    """Several arguments of a template's own last escaper, as one text."""
    return text_of(values) if len(values) == 1 else sprint(values)


def _function(call: Callable[..., Any]) -> Function:
    return Function((), call, rest=ANY)


ESCAPERS: Mapping[str, Function] = {
    "_eval_args_": _function(_arguments),
    "_html_template_attrescaper": _function(quoted_attribute),
    "_html_template_commentescaper": _function(comment),
    "_html_template_cssescaper": _function(css_string),
    "_html_template_cssvaluefilter": _function(css_value),
    "_html_template_htmlescaper": _function(html_text),
    "_html_template_htmlnamefilter": _function(attribute_name),
    "_html_template_nospaceescaper": _function(unquoted_attribute),
    "_html_template_rcdataescaper": _function(rcdata),
    "_html_template_srcsetescaper": _function(srcset),
    "_html_template_urlescaper": _function(url_escaper),
    "_html_template_urlfilter": _function(url_filter),
    "_html_template_urlnormalizer": _function(url_normalizer),
    **{name: _function(call) for name, call in JS_ESCAPERS.items()},
}
