"""Rule files as groups that can be evaluated.

What is wrong breaks as little as possible: a rule, a group, or a file. Broken rules are there, and
say why they are not evaluated; who wants all or nothing looks at the findings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.config.problem import Problem, Severity
from appliance.promql.parser import parse
from appliance.rules.check import template_errors
from appliance.rules.faults import Faults
from appliance.rules.group_state import GroupState
from appliance.rules.rule_state import RuleState
from appliance.rules.source import load_rule_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from appliance.config.load import Decoded
    from appliance.rules.config import Rule, RuleFile, RuleGroup


def _describe(_rule: Rule, _group: RuleGroup, message: str) -> str:
    return f"could not parse expression: {message}"


@dataclass(frozen=True, slots=True)
class GroupLoader:
    """Makes groups of decoded rule files.

    Attributes:
        parse: Expression and interval -> what the manager evaluates; raises BadInput.
        language: Kind of finding for expressions that cannot be parsed.
        interval_ms: Of groups that name none (`evaluation_interval`).
        offset_ms: The same for `query_offset`.
        reads_series: Whether rules may read what others have written.
        ignore_unknown: Whether keys that nobody knows are no errors.
        describe: What is said about an expression: the rule, its group, the parser's words.
        problems: All findings so far.
    """

    parse: Callable[[str, int], Any]
    language: str
    interval_ms: int
    offset_ms: int = 0
    reads_series: bool = True
    ignore_unknown: bool = False
    describe: Callable[[Rule, RuleGroup, str], str] = _describe
    problems: list[Problem] = field(default_factory=list)

    def groups(self, decoded: Decoded[RuleFile], file: str) -> list[GroupState]:
        """The groups of a file; none when something is wrong with the file as such."""
        found = [
            problem
            for problem in decoded.problems
            if not (self.ignore_unknown and problem.code == "unknown-key")
        ]
        rules = decoded.value.groups if decoded.value is not None else ()
        parsed: dict[int, Any] = {}
        for group in rules:
            for rule in group.rules:
                parsed[id(rule)] = self._expression(decoded, rule, group, found)
        self.problems.extend(found)
        faults = Faults.of(found)
        if faults.file:
            return []
        seen: set[str] = set()
        states = []
        for group in rules:
            if group.name not in seen:  # the error about the second one is told already
                seen.add(group.name)
                made = [self._rule(decoded, rule, group, parsed, faults) for rule in group.rules]
                states.append(self._group(group, file, made))
        return states

    def _group(self, group: RuleGroup, file: str, rules: list[RuleState]) -> GroupState:
        interval_ms = self._interval_ms(group)
        offset_ms = self.offset_ms if group.query_offset is None else int(group.query_offset)
        return GroupState(
            group, file, interval_ms, offset_ms, rules, reads_series=self.reads_series
        )

    def _interval_ms(self, group: RuleGroup) -> int:
        return int(group.interval) or self.interval_ms

    def _rule(
        self,
        decoded: Decoded[RuleFile],
        rule: Rule,
        group: RuleGroup,
        parsed: Mapping[int, Any],
        faults: Faults,
    ) -> RuleState:
        broken = faults.of_rule(decoded.report.path_of(rule))
        line = decoded.origin(rule).line
        expr = None if broken else parsed[id(rule)]
        return RuleState.of(rule, group, expr, line=line, broken=broken)

    def _expression(
        self,
        decoded: Decoded[RuleFile],
        rule: Rule,
        group: RuleGroup,
        problems: list[Problem],
    ) -> Any | None:
        """The parsed expression; what is wrong with it, or with templates, is added."""
        expression = None
        path = decoded.report.path_of(rule)
        if rule.expr.strip():  # else there is a finding already
            try:
                expression = self.parse(rule.expr, self._interval_ms(group))
            except BadInput as error:
                origin = decoded.origin(rule, "expr")
                message = self.describe(rule, group, error.message)
                problems.append(Problem(*origin, f"{path}.expr", message, self.language))
        if rule.alert:
            for message in template_errors(rule):
                key = "labels" if message.startswith("label ") else "annotations"
                origin = decoded.origin(rule, key)
                problem = Problem(*origin, f"{path}.{key}", message, "template", Severity.ERROR)
                problems.append(problem)
        return expression


def load_groups(
    files: Iterable[Path],
    *,
    interval_ms: int,
    offset_ms: int,
    features: frozenset[str],
    variables: Mapping[str, str] | None = None,
) -> tuple[list[GroupState], list[Problem]]:
    """Groups of rule files in PromQL, in the order given.

    Args:
        interval_ms: Of groups that name none (`evaluation_interval`).
        offset_ms: The same for `query_offset`.
        features: Those of PromQL that are on.

    Returns:
        The groups, some of their rules perhaps broken, and all findings.
    """
    loader = GroupLoader(
        lambda text, _: parse(text, features), "promql", interval_ms, offset_ms=offset_ms
    )
    groups = []
    for file in files:
        groups += loader.groups(load_rule_file(file, variables), str(file))
    return groups, loader.problems
