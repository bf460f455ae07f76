"""Patterns of log lines.

The algorithm is Drain (He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree",
2017). What varies from line to line, such as numbers, ids, addresses and times, is masked first, in
all lines at once. Equal masked lines are then taken together, so that the tree sees each only once.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What stands for anything in a pattern, as in LogQL's pattern filter.
ANY = "<_>"
_ANY = ANY.encode()
_UUID = rb"[0-9a-fA-F]{%d}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
#: Expressions begin with what they look for, and look back then: a search for that is fast.
_NUMBER = re.compile(
    rb"[0-9](?<![A-Za-z0-9_][0-9])(?:"
    + (_UUID % 7)
    + rb"|\d{3}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    rb"|x[0-9a-fA-F]+"
    rb"|\d*(?:[.:,]\d+)*(?:(?:[num]|\xc2\xb5)?s|[hmd]|[kKMGT]i?[bB]|%)?(?![A-Za-z0-9_])"
    rb"|[0-9a-f]{7,}(?![A-Za-z0-9_])"
    rb")"
)
_HEX = re.compile(
    rb"[a-f](?<![A-Za-z0-9_-][a-f])(?:"
    + (_UUID % 7)
    + rb"|(?=[a-f]*[0-9])[0-9a-f]{7,}(?![A-Za-z0-9_]))"
)
_MESSAGE = re.compile(r'"(?:_msg|msg_|msg|message|log|content)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_DIGIT = re.compile(r"\d")
#: Longer lines are left out, further words of a line are not looked at.
_MAX_BYTES, _MAX_WORDS = 3000, 100
#: The share of words that two lines have in common when they are of one pattern.
_SIMILAR = 0.5
#: Words at the beginning that lines of one pattern share, where they do not vary.
_DEPTH = 1
_MAX_BRANCHES = 100
#: Patterns of one leaf; a line like none of so many is taken to the one that is nearest.
_MAX_LEAF = 50


def mask(text: bytes) -> bytes:
    """Lines with what varies replaced; the newlines stay."""
    return _NUMBER.sub(_ANY, _HEX.sub(_ANY, text))


@dataclass(slots=True)
class Cluster:
    """Lines of one pattern.

    Attributes:
        words: ANY where they differ.
        members: Masked lines.
        weight: How many lines.
        ends: What stands before and after the words in lines.
    """

    words: list[str]
    ends: str = ""
    members: list[bytes] = field(default_factory=list)
    weight: int = 0

    @property
    def text(self) -> str:
        """The pattern."""
        text = self.ends + " ".join(self.words) + self.ends
        return text.replace(ANY + ANY, ANY)

    def similarity(self, words: Sequence[str]) -> float:
        """The share of words that are the same."""
        same: int = sum(map(operator.eq, self.words, words))
        return same / max(len(words), 1)

    def take(self, words: Sequence[str], line: bytes, weight: int) -> None:
        """Make lines of other words part of the pattern."""
        pairs = zip(self.words, words, strict=True)
        self.words = [mine if mine == other else _common(mine, other) for mine, other in pairs]
        self.members.append(line)
        self.weight += weight


def cluster(weights: Mapping[bytes, int], *, most: int) -> list[Cluster]:
    """Patterns of masked lines, the most frequent first.

    Args:
        weights: How often each masked line occurs.
        most: How many patterns.
    """
    tree: dict[tuple[str, ...], list[Cluster]] = {}
    branches: dict[tuple[str, ...], set[str]] = {}
    for line, weight in sorted(weights.items(), key=lambda item: -item[1]):
        if not line or len(line) > _MAX_BYTES:
            continue
        ends, words = _words(line)
        leaf = tree.setdefault(_path(ends, words, branches), [])
        best = max(leaf, key=lambda one: one.similarity(words), default=None)
        is_similar = best is not None and best.similarity(words) >= _SIMILAR
        if best is None or not (is_similar or len(leaf) >= _MAX_LEAF):
            best = Cluster(list(words), ends)
            leaf.append(best)
        best.take(words, line, weight)
    found = [one for leaf in tree.values() for one in leaf]
    found.sort(key=lambda one: (-one.weight, one.text))
    return found[:most]


def _words(line: bytes) -> tuple[str, list[str]]:
    """What stands around the words, and the words: of a JSON line those of its message."""
    text = line.decode("utf-8", "replace").strip()
    if text.startswith("{"):
        message = _MESSAGE.search(text)
        if message is not None:
            return ANY, message[1].split(" ")[:_MAX_WORDS]
    words = text.split(" ")
    return "", words if len(words) <= _MAX_WORDS else [*words[:_MAX_WORDS], ANY]


def _path(
    ends: str, words: Sequence[str], branches: dict[tuple[str, ...], set[str]]
) -> tuple[str, ...]:
    """The leaf of the tree where lines like this one are: number of words, and the first ones."""
    path: tuple[str, ...] = (ends, str(len(words)))
    for word in words[:_DEPTH]:
        known = branches.setdefault(path, set())
        if (
            _DIGIT.search(word)
            or ANY in word
            or (word not in known and len(known) >= _MAX_BRANCHES)
        ):
            word = ANY  # noqa: PLW2901 - one branch for all that vary
        known.add(word)
        path = (*path, word)
    return path


def _common(first: str, second: str) -> str:
    """Two words as one: `key=<_>` where the key is the same."""
    for mark in "=:":
        key, found, _ = first.partition(mark)
        if found and second.startswith(key + mark):
            return key + mark + ANY
    return ANY
