"""Rules over logs (Loki 3, pkg/ruler): files in the form of Prometheus, expressions in LogQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.load import load_text
from appliance.config.problem import Severity
from appliance.logql.parser import parse
from appliance.rules.config import RuleFile
from appliance.rules.load import GroupLoader
from appliance.rules.log_queries import LogQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.config.problem import Problem
    from appliance.rules.config import Rule, RuleGroup
    from appliance.rules.group_state import GroupState

#: Between evaluations of groups that name none (`ruler.evaluation_interval`).
INTERVAL_MS = 60_000


def load_log_groups(
    text: str | bytes,
    *,
    file: str,
    tenant: str,
    variables: Mapping[str, str] | None = None,
) -> tuple[list[GroupState], list[Problem]]:
    """The groups of a rule file.

    Args:
        file: What the groups' file is called, here and in messages.
        variables: What `${NAME}` stands for.

    Returns:
        The groups, some of their rules perhaps broken, and all findings.
    """
    loader = GroupLoader(
        lambda expr, _: LogQuery(tenant, parse(expr)),
        "logql",
        INTERVAL_MS,
        reads_series=False,
        ignore_unknown=True,
        describe=_describe,
    )
    decoded = load_text(RuleFile, text, file=file, variables=variables)
    return loader.groups(decoded, file), loader.problems


def check_log_groups(text: str | bytes, *, tenant: str) -> None:
    """Refuse groups that cannot be evaluated.

    Raises:
        BadInput: Everything that is wrong, in Loki's words where there are any.
    """
    _, problems = load_log_groups(text, file="", tenant=tenant)
    errors = [problem.message for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise BadInput(", ".join(errors))


def _describe(rule: Rule, group: RuleGroup, message: str) -> str:
    kind = "alert" if rule.alert else "record"
    return f"could not parse expression for {kind} '{rule.name}' in group '{group.name}': {message}"
