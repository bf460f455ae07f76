"""What a query has to obey beside the grammar, in the order in which Loki complains.

Loki first looks at operations and selectors from the outside to the inside, then makes each stage
of a pipeline; line filters are made before the other stages that stand next to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from appliance.base.errors import BadInput
from appliance.logql.ast import (
    Binary,
    LabelFilter,
    LabelReplace,
    LineFilter,
    LineFormat,
    Pattern,
    Pipeline,
    RangeAggregation,
    Regexp,
    Unpack,
    Variants,
    VectorAggregation,
)
from appliance.logql.printer import print_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.logql.ast import Query, Stage
    from appliance.model.matcher import Matcher

ParserStage = TypeVar("ParserStage", Regexp, Pattern)


@dataclass(frozen=True, slots=True)
class Refused:
    """In place of a metric that cannot be; only parsers meet it.

    Attributes:
        reason: What is wrong with it.
    """

    reason: str
    position: int = field(default=0, compare=False)


_NEEDS_MATCHER = (
    "queries require at least one regexp or equality matcher that does not have an empty-compatible"
    ' value. For instance, app=~".*" does not meet this requirement, but app=~".+" will'
)
_SORTS = frozenset(["sort", "sort_desc"])


def validate(query: Query) -> None:
    """Refuse what Loki refuses though it is grammatical.

    Raises:
        BadInput: In Loki's words.
    """
    _check_nodes(query)
    for pipeline in _pipelines(query):
        check_stages(pipeline.stages)


def check_matchers(matchers: Sequence[Matcher], position: int | None = None) -> None:
    """Refuse a selector that would take in every stream.

    Raises:
        BadInput: Each of the matchers accepts an absent label.
    """
    if all(matcher.matches("") for matcher in matchers):
        raise BadInput(f"parse error : {_NEEDS_MATCHER}", position=position)


def check_parser(stage: ParserStage) -> ParserStage:
    """A regexp or pattern stage, which Loki makes while it parses.

    Raises:
        BadInput: Its expression is broken.
    """
    try:
        _compile(stage)
    except BadInput as error:
        kind = type(stage).__name__.lower()
        message = f"parse error : invalid {kind} parser: {error.message}"
        raise BadInput(message, position=stage.position) from error
    return stage


def check_stages(stages: Sequence[Stage]) -> None:
    """Make each stage, only to see whether that can be done.

    Raises:
        BadInput: `parse error : stage '…' : …`.
    """
    for group in _groups(stages):
        for stage in group:
            try:
                _compile(stage)
            except BadInput as error:
                shown = print_stage(stage)
                if isinstance(stage, LineFilter):
                    shown = " ".join(print_stage(one) for one in group)
                message = f"parse error : stage '{shown}' : {error.message}"
                raise BadInput(message, position=stage.position) from error


def _groups(stages: Sequence[Stage]) -> Iterator[list[Stage]]:
    """Line filters that go together, and then the stages that they go before."""
    filters: list[Stage] = []
    others: list[Stage] = []
    for stage in stages:
        if isinstance(stage, LineFilter):
            filters.append(stage)
            continue
        if isinstance(stage, LabelFilter):
            yield filters
            yield [*others, stage]
        else:
            others.append(stage)
            if not isinstance(stage, LineFormat | Unpack):
                continue
            yield filters
            yield others
        filters, others = [], []
    yield filters
    yield others


def _compile(stage: Stage) -> None:
    # The stages need numpy, which a command that only reads a query can do without.
    from appliance.logql.stages import compile_stage  # noqa: PLC0415

    compile_stage(stage)


def _check_nodes(query: Query | Refused) -> None:
    match query:
        case Pipeline():
            check_matchers(query.matchers, query.position)
        case RangeAggregation():
            check_matchers(query.range.pipeline.matchers, query.range.position)
        case VectorAggregation():
            if query.op in _SORTS and query.grouping is not None and query.grouping.labels:
                message = "parse error : sort and sort_desc doesn't allow grouping by "
                raise BadInput(message, position=query.position)
            _check_nodes(query.expr)
        case LabelReplace():
            _check_nodes(query.expr)
        case Binary():
            _check_nodes(query.left)
            _check_nodes(query.right)
        case Variants():
            check_matchers(query.range.pipeline.matchers, query.range.position)
            for metric in query.metrics:
                _check_nodes(metric)
        case Refused():
            raise BadInput(f"parse error : {query.reason}", position=query.position)


def _pipelines(query: Query) -> Iterator[Pipeline]:
    match query:
        case Pipeline():
            yield query
        case RangeAggregation():
            yield query.range.pipeline
        case VectorAggregation() | LabelReplace():
            yield from _pipelines(query.expr)
        case Binary():
            yield from _pipelines(query.left)
            yield from _pipelines(query.right)
        case Variants():
            yield query.range.pipeline
            for metric in query.metrics:
                yield from _pipelines(metric)
