"""Stages of LogQL pipelines: each is compiled once per query into a function of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.logql import ast
from appliance.logql.stages.decolorize import compile_decolorize
from appliance.logql.stages.hints import Hints, condition_names, hints_of, with_stripped
from appliance.logql.stages.json_paths import compile_json_paths
from appliance.logql.stages.kept_names import kept_names
from appliance.logql.stages.label_choice import compile_drop, compile_keep
from appliance.logql.stages.label_filter import compile_label_filter
from appliance.logql.stages.label_format import compile_label_format
from appliance.logql.stages.likely_lines import likely_lines
from appliance.logql.stages.line_filter import compile_line_filter, needles
from appliance.logql.stages.line_format import compile_line_format
from appliance.logql.stages.logfmt_keys import compile_logfmt_keys
from appliance.logql.stages.named_groups import compile_pattern, compile_regexp
from appliance.logql.stages.structured import compile_json, compile_logfmt
from appliance.logql.stages.unpack import compile_unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.logql.rows import Rows

    Run = Callable[[Rows], Rows]

#: With fewer rows it does not pay to find out first which of them the filters behind a parser take.
_MANY_ROWS = 256


@dataclass(frozen=True, slots=True)
class CompiledPipeline:
    """Stages, compiled.

    Attributes:
        needles: Byte strings that every line contains which passes.
        steps: In their order.
        filters: How many of the first steps only leave rows out, going by the lines.
    """

    needles: tuple[bytes, ...]
    steps: tuple[Run, ...]
    filters: int = 0

    def parts(self) -> tuple[CompiledPipeline, CompiledPipeline]:
        """The first steps, which cost little, and all others."""
        first, others = self.steps[: self.filters], self.steps[self.filters :]
        return CompiledPipeline(self.needles, first, len(first)), CompiledPipeline((), others)

    def run(self, rows: Rows) -> Rows:
        """The rows that pass, with what the stages made of them."""
        for step in self.steps:
            if not len(rows):
                break
            rows = step(rows)
        return rows


def compile_pipeline(
    stages: Sequence[ast.Stage], *, wanted: frozenset[str] | None = None
) -> CompiledPipeline:
    """Stages as one function of rows.

    Args:
        wanted: Labels that are needed afterwards; None means all. Parsers find no others but those
            that stages look at.

    Raises:
        BadInput: A stage that is none, in Loki's words.
    """
    hints = hints_of(stages, wanted)
    stages = reordered(stages)
    steps: list[Run] = []
    at = plain = _count_line_filters(stages)
    steps += map(compile_stage, stages[:plain])
    while at < len(stages):
        filters = _filters(stages, at + 1)
        stage = stages[at]
        likely = likely_lines(stage, filters)
        if likely is not None:
            plain += at == plain == len(steps)
            steps.append(likely)
        only = kept_names(stages, at) if hints.required is None and _finds_all(stage) else None
        if hints.required is None and filters and _finds_all(stage):
            steps.append(_filtered_parser(stage, filters, only))
            at += 1 + len(filters)
            continue
        steps.append(compile_stage(stage, hints, only))
        at += 1
    return CompiledPipeline(needles(stages), tuple(steps), plain)


def reordered(stages: Sequence[ast.Stage]) -> list[ast.Stage]:
    """Stages with line filters as early as Loki has them, which is sooner than they are written.

    Only stages that Loki knows to rewrite lines hold them back. `decolorize` is not among them, so
    it comes too late unless a label filter stands between (pkg/logql/syntax/ast.go,
    `reorderStages`).
    """
    found: list[ast.Stage] = []
    filters: list[ast.Stage] = []
    others: list[ast.Stage] = []
    for stage in stages:
        if isinstance(stage, ast.LineFilter):
            filters.append(stage)
            continue
        others.append(stage)
        ends_part = isinstance(stage, ast.LineFormat | ast.Unpack)
        if isinstance(stage, ast.LabelFilter):
            ends_part = any(isinstance(one, ast.Decolorize) for one in others)
        if ends_part:
            found += [*filters, *others]
            filters, others = [], []
    return [*found, *filters, *others]


def _count_line_filters(stages: Sequence[ast.Stage]) -> int:
    """How many of the first stages are line filters."""
    others = (at for at, one in enumerate(stages) if not isinstance(one, ast.LineFilter))
    return next(others, len(stages))


def _filters(stages: Sequence[ast.Stage], start: int) -> list[ast.LabelFilter]:
    """The label filters from a place on."""
    found: list[ast.LabelFilter] = []
    for stage in stages[start:]:
        if not isinstance(stage, ast.LabelFilter):
            break
        found.append(stage)
    return found


def _finds_all(stage: ast.Stage) -> bool:
    return isinstance(stage, ast.Json | ast.Logfmt) and not stage.expressions


def _filtered_parser(
    stage: ast.Stage, filters: Sequence[ast.LabelFilter], only: frozenset[str] | None
) -> Run:
    """A parser of all fields (None), or of those that matter, and the filters behind it.

    Of many rows, only the labels that the filters look at are found first; the others only of the
    rows that pass.
    """
    names = with_stripped(
        name for one in filters for name in condition_names(one.condition) if name
    )
    whole = (compile_stage(stage, only=only), *map(compile_label_filter, filters))
    first = (_parser(stage, Hints(), names), *map(compile_label_filter, filters))

    def run(rows: Rows) -> Rows:
        if len(rows) >= _MANY_ROWS:
            passed = rows
            for step in first:
                passed = step(passed)
            if len(passed) < len(rows):
                rows = rows.take(np.searchsorted(rows.index, passed.index))
        for step in whole:
            rows = step(rows)
        return rows

    return run


def compile_stage(
    stage: ast.Stage, hints: Hints | None = None, only: frozenset[str] | None = None
) -> Run:
    """One stage as a function of rows.

    Args:
        hints: Which labels parsers have to find; None means all.
        only: Labels without which nobody will miss the others; None means all.

    Raises:
        BadInput: The stage is none, in Loki's words, without the stage's own text.
    """
    compile_plain = _PLAIN_STAGES.get(type(stage))
    if compile_plain is not None:
        return compile_plain(stage)
    return _parser(stage, hints or Hints(), only)


#: Stages that find no labels in lines.
_PLAIN_STAGES: dict[type, Callable[[Any], Run]] = {
    ast.LineFilter: compile_line_filter,
    ast.LabelFilter: compile_label_filter,
    ast.LineFormat: compile_line_format,
    ast.LabelFormat: compile_label_format,
    ast.Decolorize: compile_decolorize,
    ast.Drop: compile_drop,
    ast.Keep: compile_keep,
}


def _parser(stage: ast.Stage, hints: Hints, only: frozenset[str] | None = None) -> Run:
    match stage:
        case ast.Json(expressions=expressions):
            return compile_json_paths(stage, hints) if expressions else compile_json(hints, only)
        case ast.Logfmt(expressions=expressions):
            if expressions:
                return compile_logfmt_keys(stage, hints)
            return compile_logfmt(stage, hints, only)
        case ast.Regexp():
            return compile_regexp(stage, hints)
        case ast.Pattern():
            return compile_pattern(stage, hints)
    return compile_unpack(hints)
