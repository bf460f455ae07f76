"""What attributes hold, by name (Go's html/template, attr.go; HTML, "Attributes")."""

from __future__ import annotations

import enum


class Content(enum.Enum):
    """What a value is read as."""

    PLAIN = "plain"
    URL = "url"
    CSS = "css"
    JS = "js"
    SRCSET = "srcset"
    #: It changes how other attributes or the content are read, so no template may name it.
    UNSAFE = "unsafe"


_URLS = (
    "action archive background cite classid codebase data formaction href icon longdesc manifest"
    " poster profile src usemap xmlns"
)
_UNSAFE = (
    "accept-charset async challenge charset content crossorigin defer enctype form formenctype"
    " formmethod formnovalidate http-equiv keytype language method novalidate pattern rel sandbox"
    " srcdoc type value wmode"
)
_BY_NAME = {
    **dict.fromkeys(_URLS.split(), Content.URL),
    **dict.fromkeys(_UNSAFE.split(), Content.UNSAFE),
    "srclang": Content.PLAIN,
    "srcset": Content.SRCSET,
    "style": Content.CSS,
}
_SCRIPT_TYPES = frozenset(
    f"{kind}/{name}"
    for kind, names in {
        "application": "ecmascript javascript json ld+json x-ecmascript x-javascript",
        "text": "ecmascript javascript jscript livescript x-ecmascript x-javascript"
        " javascript1.0 javascript1.1 javascript1.2 javascript1.3 javascript1.4 javascript1.5",
    }.items()
    for name in names.split()
) | {"", "module"}


def content_of(name: str) -> Content:
    """What the value of an attribute is, by its name in small letters."""
    if name.startswith("data-"):
        name = name.removeprefix("data-")
    elif ":" in name:
        prefix, _, name = name.partition(":")
        if prefix == "xmlns":
            return Content.URL
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.startswith("on"):
        return Content.JS
    # Names that nobody standardized are judged by what they remind of.
    if any(word in name for word in ("src", "uri", "url")):
        return Content.URL
    return Content.PLAIN


def is_script_type(kind: str) -> bool:
    """Whether a `type` of a script element means JavaScript or JSON."""
    return kind.partition(";")[0].strip().lower() in _SCRIPT_TYPES
