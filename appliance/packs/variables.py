"""Variables of packs: texts that are replaced when a pack is loaded.

The default stands in the files as it is, so that promtool and a real Prometheus take them. A text
is replaced where it stands as a whole word; what is put in is not replaced again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.document import compose
from appliance.config.expand import UnsetVariable, expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import yaml

_NOT_WITHIN_NAME = r"(?<![A-Za-z0-9_:]){}(?![A-Za-z0-9_:])"
_LINE_END = re.compile(r"[\r\n]")


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """Text with other words in place of some.

    Args:
        changes: Word in the text -> what to write instead.
    """
    if not changes:
        return text
    words = sorted(changes, key=len, reverse=True)
    pattern = _NOT_WITHIN_NAME.format(f"(?:{'|'.join(map(re.escape, words))})")
    return re.sub(pattern, lambda match: changes[match[0]], text)


def check_value(name: str, value: str) -> None:
    """Refuse a value that would change the structure of a file.

    Raises:
        BadInput: It has several lines.
    """
    if _LINE_END.search(value):
        raise BadInput(f"the value of {name} has several lines; write one name or address")


def unset_variables(data: bytes, file: str, variables: Mapping[str, str]) -> list[str]:
    """Names that a document refers to as `${NAME}` and that have no value, in its order.

    Args:
        data: YAML.
        file: Its name in messages.
    """
    root, _ = compose(data, file)
    missing: list[str] = []
    given = {name: value for name, value in variables.items() if value}
    for text in _scalars(root):
        while True:
            try:
                expand(text, given)
            except UnsetVariable as error:
                missing.append(error.name)
                given[error.name] = "-"
            else:
                break
    return missing


def _scalars(node: yaml.Node | None) -> Iterator[str]:
    if node is None:
        return
    if isinstance(node.value, str):
        yield node.value
        return
    for item in node.value:
        for part in item if isinstance(item, tuple) else (item,):
            yield from _scalars(part)
