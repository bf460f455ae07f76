"""Templates with sprig's functions, for tests."""

from __future__ import annotations

from typing import Any

from appliance.base.errors import BadInput
from appliance.gotemplate.sprig import GO_TEXT, SPRIG
from appliance.gotemplate.template import TemplateSet
from appliance.gotemplate.values import StringMap

FUNCTIONS = {**SPRIG, **GO_TEXT}
DATA = StringMap(name="Ada", text="  größer <b> ", list="a,b,c", empty="", number="12.75")


def drawn(text: str, data: Any = DATA) -> str:
    """What a template gives, or the error's last part."""
    found = TemplateSet(FUNCTIONS)
    found.add("x", text)
    try:
        return found.execute("x", data, FUNCTIONS)
    except BadInput as error:
        return error.message.rpartition(">: ")[2]
