"""Rules that are valid and yet leave out what people who are paged need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.load import load_file
from appliance.config.problem import Problem, Severity
from appliance.diagnosis.expressions import remarks
from appliance.promql.context import ALL_FEATURES
from appliance.promql.parser import parse
from appliance.rules.config import RuleFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from appliance.config.load import Decoded
    from appliance.promql.ast import Expr
    from appliance.rules.config import Rule

#: Severities that wake people up.
_PAGING = frozenset(["p0", "p1", "critical", "page"])
#: Only LogQL has something after a selector that is no range, operator or end.
_LOG_QUERY = re.compile(r"\}\s*(?:\||!=|!~|! =)")
#: A function of metrics in a pipeline: neither PromQL nor LogQL has one there.
_TRACE_QUERY = re.compile(r"\|\s*(rate|compare|[a-z]+_over_time)\s*\(")


def lint_rules(path: Path, known: Sequence[Problem]) -> list[Problem]:
    """Warnings about the alerts of a rule file.

    Args:
        known: What is wrong with the file otherwise; rules with errors are left alone.
    """
    decoded = load_file(RuleFile, path)
    broken = [p.path for p in known if p.severity is Severity.ERROR and p.file == str(path)]
    is_of_pack = (path.parent / "pack.yml").is_file()
    found: list[Problem] = []
    for group in decoded.value.groups if decoded.value else ():
        for rule in group.rules:
            where = decoded.report.path_of(rule)
            if not rule.alert or any(f"{p}.".startswith(f"{where}.expr.") for p in broken):
                continue
            found += _expression_problems(decoded, rule)
            if not any(f"{p}.".startswith(f"{where}.") for p in broken):
                labels = {str(k): v for k, v in [*group.labels.items(), *rule.labels.items()]}
                found += _label_problems(decoded, rule, labels, is_of_pack=is_of_pack)
    return found


def is_of_logs(path: Path) -> bool:
    """Whether the expressions of a rule file are LogQL."""
    decoded = load_file(RuleFile, path)
    groups = decoded.value.groups if decoded.value else ()
    return any(_LOG_QUERY.search(rule.expr) for group in groups for rule in group.rules)


def is_of_traces(path: Path) -> bool:
    """Whether the expressions of a rule file are TraceQL metrics."""
    decoded = load_file(RuleFile, path)
    groups = decoded.value.groups if decoded.value else ()
    return any(_TRACE_QUERY.search(rule.expr) for group in groups for rule in group.rules)


def _parsed(rule: Rule) -> Expr | None:
    try:
        return parse(rule.expr, ALL_FEATURES)
    except BadInput:
        return None


def _expression_problems(decoded: Decoded[RuleFile], rule: Rule) -> Iterator[Problem]:
    expr = _parsed(rule)
    if expr is None:
        return
    texts = "\n".join(rule.annotations.values())
    for code, message, hint in remarks(rule.alert, expr, texts):
        place = decoded.origin(rule, "expr")
        text = f"{rule.alert}: {message}"
        yield Problem(*place, "", text, code, Severity.WARNING, hint)


def _label_problems(
    decoded: Decoded[RuleFile], rule: Rule, labels: Mapping[str, str], *, is_of_pack: bool
) -> Iterator[Problem]:
    place = decoded.origin(rule, "alert")
    severity = labels.get("severity", "")
    if not severity:
        message = f"{rule.alert}: no label severity; most routes decide by it"
        hint = "add `severity: …` to the rule's labels"
        yield Problem(*place, "", message, "no-severity", Severity.WARNING, hint)
    if severity.lower() in _PAGING and "runbook_url" not in rule.annotations:
        message = f"{rule.alert}: wakes people up ({severity}) and names no runbook"
        hint = "add `runbook_url: …` to the rule's annotations"
        weight = Severity.ERROR if is_of_pack else Severity.WARNING
        yield Problem(*place, "", message, "no-runbook", weight, hint)
