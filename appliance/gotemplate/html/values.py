"""Values as escapers see them: text, and what is known of it (Go's html/template, content.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.gotemplate.printf import sprint
from appliance.gotemplate.values import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What stands in the place of a value that would be dangerous; Go's word, easy to search for.
UNSAFE = "ZgotmplZ"


def text_of(values: Sequence[Any]) -> str:
    """Values as one text; a text that is known to be safe stays what it is, nil is left out."""
    if len(values) == 1 and isinstance(values[0], str):
        return values[0]
    found = [value for value in values if value is not None]
    text = sprint(found)
    return text.removeprefix("&") if len(found) == 1 and isinstance(found[0], Struct) else text
