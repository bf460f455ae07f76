"""HTML templates with some functions and data, for tests."""

from __future__ import annotations

from typing import Any

from appliance.base.errors import BadInput
from appliance.gotemplate.html.template import HtmlTemplateSet
from appliance.gotemplate.template import TemplateSet
from appliance.gotemplate.values import Function, SafeHtml, SafeUrl
from tests.gotemplate.rendering import DATA, FUNCTIONS

HTML_FUNCTIONS = {
    **FUNCTIONS,
    "safeHtml": Function(("string",), SafeHtml),
    "safeUrl": Function(("string",), SafeUrl),
}


def rendered(text: str, data: Any = DATA) -> str:
    found = TemplateSet(HTML_FUNCTIONS)
    found.add("", text)
    return HtmlTemplateSet(found).execute("", data, HTML_FUNCTIONS)


def failure(text: str, data: Any = DATA) -> str:
    try:
        rendered(text, data)
    except BadInput as error:
        return error.message
    return ""
