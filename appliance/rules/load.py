"""Rule files as groups that can be evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.load import load_file
from appliance.config.problem import Problem, Severity
from appliance.promql.parser import parse
from appliance.rules.check import template_errors
from appliance.rules.config import RuleFile
from appliance.rules.group_state import GroupState
from appliance.rules.rule_state import RuleState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from appliance.config.load import Decoded
    from appliance.promql.ast import Expr
    from appliance.rules.config import Rule, RuleGroup


def load_groups(
    files: Iterable[Path],
    *,
    interval_ms: int,
    offset_ms: int,
    features: frozenset[str],
    variables: Mapping[str, str] | None = None,
) -> tuple[list[GroupState], list[Problem]]:
    """Groups of rule files, in the order given.

    Args:
        interval_ms: Of groups that name none (`evaluation_interval`).
        offset_ms: The same for `query_offset`.
        features: Those of PromQL that are on.

    Returns:
        The groups of files without errors, and all findings.
    """
    groups: list[GroupState] = []
    problems: list[Problem] = []
    for file in files:
        decoded = load_file(RuleFile, file, variables)
        problems += decoded.problems
        if decoded.value is None:
            continue
        for group in decoded.value.groups:
            rules = [_rule(decoded, rule, group, features, problems) for rule in group.rules]
            offset = offset_ms if group.query_offset is None else int(group.query_offset)
            usable = [rule for rule in rules if rule is not None]
            interval = int(group.interval) or interval_ms
            groups.append(GroupState(group, str(file), interval, offset, usable))
    return groups, problems


def _rule(
    decoded: Decoded[RuleFile],
    rule: Rule,
    group: RuleGroup,
    features: frozenset[str],
    problems: list[Problem],
) -> RuleState | None:
    if not rule.expr.strip():
        return None  # there is a finding already
    try:
        expr: Expr = parse(rule.expr, features)
    except BadInput as error:
        origin = decoded.origin(rule, "expr")
        message = f"could not parse expression: {error.message}"
        problems.append(Problem(*origin, "expr", message, "promql", Severity.ERROR))
        return None
    if rule.alert:
        for message in template_errors(rule):
            key = "labels" if message.startswith("label ") else "annotations"
            origin = decoded.origin(rule, key)
            problems.append(Problem(*origin, "", message, "template", Severity.ERROR))
    return RuleState.of(rule, group, expr)
