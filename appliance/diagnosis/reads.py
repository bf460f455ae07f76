"""Which metrics configuration reads, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.document import read
from appliance.config.load import load_file
from appliance.config.problem import Problem, Severity
from appliance.diagnosis.runbook import queries
from appliance.promql.context import ALL_FEATURES
from appliance.promql.parser import parse
from appliance.promql.walk import metric_names
from appliance.rules.config import RuleFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: Written by the rules themselves.
_OF_ALERTS = frozenset(["ALERTS", "ALERTS_FOR_STATE"])


def reads_of_rules(files: Iterable[Path]) -> Iterator[tuple[Problem, str]]:
    """Metrics that rules read and no rule records; each once in a file.

    Yields:
        The finding to tell if there are no such series, and the metric's name.
    """
    decoded = {file: load_file(RuleFile, file) for file in files}
    recorded = _OF_ALERTS | {
        rule.record
        for one in decoded.values()
        for group in (one.value.groups if one.value else ())
        for rule in group.rules
    }
    for one in decoded.values():
        seen = set(recorded)
        for group in one.value.groups if one.value else ():
            for rule in group.rules:
                place = one.origin(rule, "expr")
                for name in _unseen(rule.expr, seen):
                    message = f"{rule.name}: there is no series of {name!r}"
                    yield Problem(*place, "", message, "no-series", Severity.WARNING), name


def reads_of_page(files: Iterable[Path]) -> Iterator[tuple[Problem, str]]:
    """The same for the queries of pages."""
    for file in files:
        seen = set(_OF_ALERTS)
        for fence in queries(read(file)[0].decode("utf-8", "replace")):
            for name in _unseen(fence.text, seen) if fence.language == "promql" else ():
                message = f"there is no series of {name!r}"
                place = (str(file), fence.line, 1)
                yield Problem(*place, "", message, "no-series", Severity.WARNING), name


def _unseen(text: str, seen: set[str]) -> list[str]:
    """Names of metrics an expression reads and that are not in `seen`, which they are put into."""
    try:
        names = list(dict.fromkeys(metric_names(parse(text, ALL_FEATURES))))
    except BadInput:
        return []
    found = [name for name in names if name not in seen]
    seen.update(found)
    return found
