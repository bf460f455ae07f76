"""Rules over logs (Loki 3, pkg/ruler): files in the form of Prometheus, expressions in LogQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.config.load import load_text
from appliance.config.problem import Severity
from appliance.logql.parser import parse
from appliance.rules.check import template_errors
from appliance.rules.config import RuleFile
from appliance.rules.group_state import GroupState
from appliance.rules.log_queries import LogQuery
from appliance.rules.rule_state import RuleState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.logql.ast import Query
    from appliance.rules.config import Rule, RuleGroup

#: Between evaluations of groups that name none (`ruler.evaluation_interval`).
INTERVAL_MS = 60_000


def load_log_groups(
    text: str | bytes,
    *,
    file: str,
    tenant: str,
    variables: Mapping[str, str] | None = None,
) -> list[GroupState]:
    """The groups of a rule file.

    Args:
        file: What the groups' file is called, here and in messages.
        variables: What `${NAME}` stands for.

    Raises:
        BadInput: Everything that is wrong with the file, in Loki's words where there are any.
    """
    decoded = load_text(RuleFile, text, file=file, variables=variables)
    errors = [
        problem.message
        for problem in decoded.problems
        if problem.severity is Severity.ERROR and problem.code != "unknown-key"
    ]
    groups = decoded.value.groups if decoded.value is not None else ()
    found = [_group(group, file, tenant, errors) for group in groups]
    if errors:
        raise BadInput(", ".join(errors))
    return found


def _group(group: RuleGroup, file: str, tenant: str, errors: list[str]) -> GroupState:
    """A group; what is wrong with it is added to `errors`."""
    rules = []
    for rule in group.rules:
        query = _query(rule, group, errors)
        if query is not None:
            # A rule keeps its expression for its manager, which knows the language.
            expression: Any = LogQuery(tenant, query)
            rules.append(RuleState.of(rule, group, expression))
    interval = int(group.interval) or INTERVAL_MS
    offset = int(group.query_offset or 0)
    return GroupState(group, file, interval, offset, rules, reads_series=False)


def _query(rule: Rule, group: RuleGroup, errors: list[str]) -> Query | None:
    if rule.alert:
        errors += template_errors(rule)
    if not rule.expr.strip():
        return None  # there is an error already
    try:
        return parse(rule.expr)
    except BadInput as error:
        kind = "alert" if rule.alert else "record"
        errors.append(
            f"could not parse expression for {kind} '{rule.name}' in group '{group.name}':"
            f" {error.message}"
        )
    return None
