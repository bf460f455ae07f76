"""A YAML file as it may be shown, line by line as it was written: no secrets, no comments.

Comments go because nobody can tell which of them hold a password that was changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from appliance.config.document import compose
from appliance.config.masked import SECRET_SECTIONS, is_secret_key
from appliance.config.secret import MASK, mask_url_passwords

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def masked_text(text: str, *, secret_keys: Collection[str] = ()) -> str:
    """The text with secrets replaced and comments taken out; lines keep their numbers.

    Args:
        secret_keys: Keys whose values are secret besides the usual ones.

    Returns:
        The empty string when the text is not one YAML document.
    """
    text = text.removeprefix("\ufeff")
    node, problems = compose(text, "")
    if node is None or problems:
        return ""
    parts: list[str] = []
    at = 0
    for start, end, is_secret in sorted(_scalars(node, secret_keys)):
        if start < at:  # an alias: seen before
            continue
        parts += [_without_comments(text[at:start]), _shown(text[start:end], is_secret=is_secret)]
        at = end
    parts.append(_without_comments(text[at:]))
    return "".join(parts)


def _scalars(
    node: yaml.Node, keys: Collection[str], *, is_secret: bool = False
) -> Iterator[tuple[int, int, bool]]:
    """Where scalars begin and end, and whether they are secret."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item, keys, is_secret=is_secret)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            is_scalar = isinstance(value, yaml.ScalarNode)
            yield from _scalars(key, keys)
            is_named = name in keys or is_secret_key(name)
            below = is_secret or name in SECRET_SECTIONS or (is_scalar and is_named)
            yield from _scalars(value, keys, is_secret=below)
    elif isinstance(node, yaml.ScalarNode):
        yield node.start_mark.index, node.end_mark.index, is_secret


def _shown(text: str, *, is_secret: bool) -> str:
    """A scalar as it stands in the file; a secret one keeps its line breaks, if it has any."""
    if not is_secret or not text:
        return mask_url_passwords(text)
    return MASK + "\n" * text.count("\n")


def _without_comments(text: str) -> str:
    """What stands between scalars, which is punctuation and comments."""
    lines = text.split("\n")
    return "\n".join(line.partition("#")[0].rstrip(" ") if "#" in line else line for line in lines)
