r"""A regular expression over many distinct texts; it has to match all of a text, `.` any character.

Most expressions that people write are literals with `.*` around them: those are plain string
operations, ten times as fast as RE2. Of the others, one that cannot match a newline is searched in
all texts at once, joined by newlines: a call of RE2 per match instead of one per text.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.re2 import Pattern, full_match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_SPECIAL = frozenset(r"\.+*?()[]{}^$|")
_ANYTHING = ".*"
#: Expressions that match no newline but by `.`: no negated class, none with a name (`[[:space:]]`),
#: no flags, of the escapes only those of punctuation, digits and words.
_WITHIN_LINE = re.compile(r"(?:[^\\\[(\x00-\x1f]|\\[dw!-/:-@\[-`{-~]|\[(?![:^])|\((?!\?))*")
#: So many texts are worth joining, unless more than one of so many matches.
_MANY, _OFTEN = 1000, 4


def matching_texts(pattern: str, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts match: bool[text].

    Raises:
        BadInput: Not an expression.
    """
    test = _test(pattern)
    if len(texts) >= _MANY and _WITHIN_LINE.fullmatch(pattern):
        sample = texts[:: len(texts) // 100]
        if sum(map(test, sample)) * _OFTEN < len(sample):
            found = _search_joined(pattern, texts)
            if found is not None:
                return found
    return np.fromiter(map(test, texts), np.bool_, len(texts))


def _search_joined(pattern: str, texts: Sequence[str]) -> NDArray[np.bool_] | None:
    """The same for many texts with few matches; None when one of them has a newline."""
    joined = "\n".join(texts).encode()
    ends = np.flatnonzero(np.frombuffer(joined, np.uint8) == ord("\n"))
    if len(ends) != len(texts) - 1:
        return None
    hits = [match.start() for match in _lines(pattern).finditer(joined)]
    mask = np.zeros(len(texts), np.bool_)
    mask[np.searchsorted(ends, hits, side="left")] = True
    return mask


@functools.lru_cache(maxsize=64)
def _lines(pattern: str) -> Pattern:
    return Pattern(f"^(?:{pattern})$", multi_line=True)


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
