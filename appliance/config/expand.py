"""`${NAME}` and `${NAME:-default}` in configuration values.

Invariant: text that is not of one of these two forms stays as it is: `$1`, `${1}`, `$value` and
what stands within `{{ }}` belong to relabelling and to templates. `$${NAME}` stands for the text
`${NAME}`; other double dollars stay double, so that an unmodified file keeps its meaning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A template's action, or a reference.
_REFERENCE = re.compile(
    r"\{\{.*?\}\}|(\$?)\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}", re.ASCII | re.DOTALL
)


class UnsetVariable(BadInput):
    """A variable without a default is not set.

    Args:
        name: The variable.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"the variable {name} is not set")
        self.name = name


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Text with its variables put in; what is put in is not expanded again.

    A default holds for an unset and for an empty variable, as in a shell.

    Raises:
        UnsetVariable: A variable without a default is not set.
    """
    if "${" not in text:
        return text
    return _REFERENCE.sub(lambda match: _replacement(match, variables), text)


def _replacement(match: re.Match[str], variables: Mapping[str, str]) -> str:
    escape, name, default = match.groups()
    if name is None:
        return match[0]
    if escape:
        return match[0][1:]
    value = variables.get(name)
    if default is not None:
        return value or default
    if value is None:
        raise UnsetVariable(name)
    return value
