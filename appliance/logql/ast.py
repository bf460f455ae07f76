"""Nodes of a LogQL query.

Nodes are equal when they mean the same: positions do not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.model.matcher import Matcher


class FilterOp(Enum):
    """What a line filter asks of a line."""

    CONTAINS = "|="
    LACKS = "!="


@dataclass(frozen=True, slots=True)
class LineFilter:
    """A condition on whole lines."""

    op: FilterOp
    text: str
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[LineFilter, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A stream selector and the stages that its lines pass.

    Attributes:
        matchers: All must hold; at least one cannot match the empty string.
        stages: In the order written.
    """

    matchers: tuple[Matcher, ...]
    stages: tuple[LineFilter, ...] = ()
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[LineFilter, ...]:
        """The stages."""
        return self.stages
