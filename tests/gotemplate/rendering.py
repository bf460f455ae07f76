"""Templates with some functions and data, for tests."""

from __future__ import annotations

from typing import Any

from appliance.base.errors import BadInput
from appliance.gotemplate.humanize import HUMANIZE_FUNCTIONS
from appliance.gotemplate.template import TemplateSet
from appliance.gotemplate.text_functions import TEXT_FUNCTIONS
from appliance.gotemplate.times import Time
from appliance.gotemplate.values import ANY, Function, StringList, StringMap, Struct

FUNCTIONS = {
    **TEXT_FUNCTIONS,
    **HUMANIZE_FUNCTIONS,
    "list": Function((), lambda *given: list(given), ANY),
    "args": Function((), lambda *given: {f"arg{n}": value for n, value in enumerate(given)}, ANY),
    "half": Function(("float64",), lambda value: value / 2),
    "strings": Function((), lambda *given: StringList(given), "string"),
    "span": Function(("time.Duration",), lambda value: value),
}
DATA = Struct(
    "main.Data",
    {
        "Labels": StringMap(dc="eu", host="web1:9100"),
        "Value": 1.5,
        "When": Time(1_704_164_645_678_000_000),
        "Empty": None,
    },
)


def rendered(text: str, data: Any = DATA) -> str:
    found = TemplateSet(FUNCTIONS)
    found.add("x", text)
    return found.execute("x", data, FUNCTIONS)


def failure(text: str, data: Any = DATA) -> str:
    try:
        rendered(text, data)
    except BadInput as error:
        return error.message
    return ""
