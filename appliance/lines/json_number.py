"""Scalars of JSON lines as label values: numbers as they are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.lines.json_block import Block

#: Keys that can be written in one way only, but for `\u`.
_PLAIN_KEY = re.compile(r'[^\x00-\x1f"\\/\x7f-\U0010ffff]+')
_NUMBER = rb"(-?[0-9][^ \n\r\t,}\]]*)"


def plain_scalars(
    block: Block, key: str, values: list[Any], places: NDArray[np.int64]
) -> list[Any]:
    """Values of a key with those that are numbers or booleans made texts.

    Integers stay what they are where they can be written in one way only.

    Args:
        block: Where the values come from; lines in which a number is in doubt become doubtful.
        places: int64[value], which line of the block a value is of.

    Returns:
        Texts and integers; None for null, objects and arrays.
    """
    kinds = set(map(type, values))
    if kinds & {dict, list}:
        values = [None if value.__class__ in {dict, list} else value for value in values]
    if bool in kinds:
        values = [_shown(value) if value.__class__ is bool else value for value in values]
    if float in kinds or (int in kinds and _may_be_negative_zero(block.joined, key, values)):
        lines = block.lines
        if len(places) != len(lines):
            lines = [lines[place] for place in places.tolist()]
        values, doubtful = number_texts(key, values, lines)
        block.doubtful.update(places[doubtful].tolist())
    return values


def _shown(value: bool) -> str:  # noqa: FBT001 - a value of JSON
    return "true" if value else "false"


def _may_be_negative_zero(joined: bytes, key: str, values: Sequence[Any]) -> bool:
    if b"-0" not in joined or 0 not in values:
        return False
    return not is_plain(key) or negative_zero(key).search(joined) is not None


def is_plain(key: str) -> bool:
    r"""Whether a key can be written in one way only, but for `\u`."""
    return _PLAIN_KEY.fullmatch(key) is not None


def negative_zero(key: str) -> re.Pattern[bytes]:
    """Finds a `-0` behind a plain key."""
    return re.compile(_behind(key) + rb"-0(?![0-9.eE])")


def _behind(key: str) -> bytes:
    return rb'"' + re.escape(key.encode()) + rb'"[ \n\r\t]*+:[ \n\r\t]*+'


def number_texts(
    key: str, values: Sequence[Any], lines: Sequence[bytes]
) -> tuple[list[Any], list[int]]:
    """Values of a key with the numbers among them replaced by their texts.

    In valid JSON `"key":` without a backslash before it is always a key: a quote within a string
    has one. So the number behind it is a number of a key of that name; when there are as many as
    values, they are these.

    Args:
        values: [row]; numbers of 0 or with a fraction have to be looked up.
        lines: [row], the valid JSON lines that they come from, in which no key comes twice within
            one object.

    Returns:
        The values; and the rows in which the text of a number is in doubt, whose value is None.
    """
    number = [row for row, value in enumerate(values) if value.__class__ in {int, float}]
    found = list(values)
    joined = b"\n".join(lines)
    if not is_plain(key) or b"\\u" in joined:
        for row in number:
            found[row] = None
        return found, number
    pattern = re.compile(_behind(key) + _NUMBER)
    texts = pattern.findall(joined)
    if len(texts) == len(number) and b'\\"' + key.encode() + b'"' not in joined:
        for row, text in zip(number, texts, strict=True):
            found[row] = text.decode()
        return found, []
    doubtful = []
    for row in number:
        found[row] = _own_text(pattern, values[row], lines[row])
        if found[row] is None:
            doubtful.append(row)
    return found, doubtful


def _own_text(pattern: re.Pattern[bytes], value: float, line: bytes) -> str | None:
    """The only text of a number of that value behind the key; None when there is not just one."""
    texts = {text for text in pattern.findall(line) if _is_number(text, value)}
    return texts.pop().decode() if len(texts) == 1 else None


def _is_number(text: bytes, value: float) -> bool:
    try:
        return float(text) == value
    except ValueError:  # within a string
        return False
