"""Matchers: conditions on a label's value, as Prometheus and Loki write them in braces."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from appliance.base.re2 import full_match

if TYPE_CHECKING:
    from appliance.model.labels import Labels


class MatchOp(Enum):
    """The four ways to compare a label's value."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition; an absent label compares as the empty string.

    Raises (when first used): BadInput for a broken expression. Parsers call `check` at once.
    """

    name: str
    op: MatchOp
    value: str

    def check(self) -> None:
        """Compile the expression now, so that a broken one is reported where it was written."""
        if self.op in {MatchOp.REGEX, MatchOp.NOT_REGEX}:
            full_match(self.value)

    def matches(self, value: str) -> bool:
        """Whether a label value satisfies the condition."""
        if self.op is MatchOp.EQUAL:
            return value == self.value
        if self.op is MatchOp.NOT_EQUAL:
            return value != self.value
        return full_match(self.value).matches(value) == (self.op is MatchOp.REGEX)

    def alternatives(self) -> frozenset[str] | None:
        """The values of an `=` or of a regex that is only literals (`a|b|c`), else None.

        For NOT_EQUAL and NOT_REGEX these are the values that do not satisfy the condition.
        """
        if self.op in {MatchOp.EQUAL, MatchOp.NOT_EQUAL}:
            return frozenset([self.value])
        return _literals(self.value)

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op.value}"{escaped}"'


@functools.lru_cache(maxsize=1024)
def _literals(pattern: str) -> frozenset[str] | None:
    if any(char in r"\.+*?()[]{}^$" for char in pattern):
        return None
    return frozenset(pattern.split("|"))


def matches_all(matchers: tuple[Matcher, ...], labels: Labels) -> bool:
    """Whether labels satisfy every matcher."""
    return all(matcher.matches(labels.get(matcher.name)) for matcher in matchers)
