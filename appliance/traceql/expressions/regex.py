"""A regular expression over many distinct texts; it has to match all of a text, `.` any character.

Most expressions that people write are literals with `.*` around them. Those are plain string
operations, ten times as fast as RE2.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.re2 import full_match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_SPECIAL = frozenset(r"\.+*?()[]{}^$|")
_ANYTHING = ".*"


def matching_texts(pattern: str, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts match: bool[text].

    Raises:
        BadInput: Not an expression.
    """
    test = _test(pattern)
    return np.fromiter(map(test, texts), np.bool_, len(texts))


@functools.lru_cache(maxsize=256)
def _test(pattern: str) -> Callable[[str], bool]:
    alternatives = pattern.split("|")
    if not any(_SPECIAL & set(one) for one in alternatives):
        return frozenset(alternatives).__contains__
    starts_open = pattern.startswith(_ANYTHING)
    literal = pattern.removeprefix(_ANYTHING)
    ends_open = literal.endswith(_ANYTHING)
    literal = literal.removesuffix(_ANYTHING)
    if _SPECIAL & set(literal):
        return full_match(pattern).matches
    if starts_open and ends_open:
        return lambda text: literal in text
    if ends_open:
        return lambda text: text.startswith(literal)
    # `.*` alone is an open start and nothing to end with.
    return lambda text: text.endswith(literal)
