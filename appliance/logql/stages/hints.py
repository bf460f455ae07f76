"""What a metric query needs of labels, so that parsers need not find the rest.

As in Loki (pkg/logql/log/parser_hints.go) this is visible: a parser that is done before a line
breaks does not see that it does, and one of which nothing is wanted sees nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.logql import ast
from appliance.logql.rows import DUPLICATE_SUFFIX
from appliance.logql.stages.label_format import label_format_reads
from appliance.logql.stages.line_format import line_format_reads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Hints:
    """The labels that are needed.

    Attributes:
        required: None: all of them. The empty set: none, so that nothing is parsed.
    """

    required: frozenset[str] | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether parsers need not run."""
        return self.required is not None and not self.required

    def wants(self, name: str) -> bool:
        """Whether a label of that name is to be extracted."""
        return self.required is None or name in self.required

    def leads(self, prefix: str) -> bool:
        """Whether a label that is to be extracted may begin with a prefix."""
        return self.required is None or any(name.startswith(prefix) for name in self.required)


def hints_of(stages: Sequence[ast.Stage], wanted: frozenset[str] | None) -> Hints:
    """The hints of a pipeline.

    Args:
        wanted: Labels that are needed after the stages; None means all.
    """
    if wanted is None:
        return Hints()
    return Hints(with_stripped({*wanted, *_needed_names(stages)}))


def with_stripped(names: Iterable[str]) -> frozenset[str]:
    """Names and, of those that end in the suffix, what a line may call them."""
    found = {name for name in names if name}
    return frozenset(found | {name.removesuffix(DUPLICATE_SUFFIX) for name in found})


def _needed_names(stages: Sequence[ast.Stage]) -> Iterator[str]:
    """Labels that stages look at by name."""
    for stage in stages:
        match stage:
            case ast.LabelFilter():
                yield from condition_names(stage.condition)
            case ast.LineFormat():
                yield from line_format_reads(stage).names
            case ast.LabelFormat():
                yield from label_format_reads(stage).names


def condition_names(condition: ast.Condition) -> Iterator[str]:
    """Labels that a condition looks at."""
    match condition:
        case ast.TextCondition(matcher):
            yield matcher.name
        case ast.NumberCondition() | ast.IpCondition():
            yield condition.label
        case ast.BothConditions(left, right) | ast.EitherCondition(left, right):
            yield from condition_names(left)
            yield from condition_names(right)
