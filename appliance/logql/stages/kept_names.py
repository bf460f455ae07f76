"""Labels that a parser of all fields has to find because `| keep …` stands behind it.

`| json | keep host` drops what it does not name, so of the other fields only their mistakes are
seen. This is no hint as a metric query gives one: lines are read to their end, as without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.logql import ast
from appliance.logql.rows import ERROR, ERROR_DETAILS
from appliance.logql.stages.hints import condition_names, with_stripped
from appliance.logql.stages.label_format import label_format_reads
from appliance.logql.stages.line_format import line_format_reads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PARSERS = (ast.Json, ast.Logfmt, ast.Regexp, ast.Pattern, ast.Unpack)
#: Templates that are called may read labels which are not seen from where they are called.
_CALLS = ("template", "block")


def kept_names(stages: Sequence[ast.Stage], at: int) -> frozenset[str] | None:
    """Names that matter of what the parser at a place finds; None: all of them may.

    A name that no stage mentions is gone behind `keep`, and no parser that comes later minds.
    """
    later = stages[at + 1 :]
    if not any(isinstance(stage, ast.Keep) for stage in later):
        return None
    last_parser = max((n for n, one in enumerate(later) if isinstance(one, _PARSERS)), default=-1)
    if any(isinstance(stage, ast.Keep) for stage in later[: last_parser + 1]):
        return None
    mentioned = {ERROR, ERROR_DETAILS}  # which a line may have too; they stay
    for stage in later:
        names = _mentioned(stage)
        if names is None:
            return None
        mentioned.update(names)
    return with_stripped(mentioned)


def _mentioned(stage: ast.Stage) -> Iterable[str] | None:
    """Labels that a stage names; None: it may look at any."""
    match stage:
        case ast.LabelFilter():
            return condition_names(stage.condition)
        case ast.Keep() | ast.Drop():
            return (item if isinstance(item, str) else item.name for item in stage.items)
        case ast.LineFormat():
            reads = line_format_reads(stage)
            return None if reads.is_all or _may_call(stage.template) else reads.names
        case ast.LabelFormat():
            return _formatted(stage)
    return ()


def _formatted(stage: ast.LabelFormat) -> Iterable[str] | None:
    reads = label_format_reads(stage)
    if reads.is_all or any(_may_call(item.value) for item in stage.items if item.is_template):
        return None
    return {*reads.names, *(item.label for item in stage.items)}


def _may_call(template: str) -> bool:
    return any(word in template for word in _CALLS)
