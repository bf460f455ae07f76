"""What a backtest is asked for, and the rules that are meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.backtest.plan import Plan
from appliance.base.errors import BadInput, NotFound
from appliance.config.problem import Severity, render_errors
from appliance.config.scalars import Duration, Utf8Name
from appliance.rules.config import Rule, RuleGroup
from appliance.rules.group_state import GroupState
from appliance.rules.load import GroupLoader
from appliance.rules.rule_state import RuleState
from appliance.rules.source import load_rule_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: Rules of one backtest.
MOST_RULES = 100
LANGUAGES = ("promql", "logql", "traceql")


@dataclass(frozen=True, slots=True)
class FileAsked:
    """A rule file; all of its alerting rules, or those of a name."""

    name: str
    text: str
    alert: str = ""
    language: str = "promql"


@dataclass(frozen=True, slots=True)
class ExprAsked:
    """An expression with what a rule says beside it."""

    expr: str
    language: str = "promql"
    alert: str = "Backtest"
    hold_ms: int = 0
    keep_firing_ms: int = 0
    interval_ms: int = 60_000
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A backtest.

    Attributes:
        alerts: Names of alerts whose rules are loaded.
        start_ms, end_ms: Both included.
        episodes: How many are shown of each rule, the first ones.
        has_routing: Whether to find out who would have been told.
    """

    start_ms: int
    end_ms: int
    alerts: tuple[str, ...] = ()
    files: tuple[FileAsked, ...] = ()
    exprs: tuple[ExprAsked, ...] = ()
    episodes: int = 200
    has_routing: bool = True


@dataclass(frozen=True, slots=True)
class Planner:
    """Finds the rules that are meant.

    Attributes:
        loaded: The groups in use, by language.
        parsers: By language: expression and interval in milliseconds -> what evaluators take.
        interval_ms: Of groups that name none.
    """

    loaded: Callable[[], Mapping[str, Sequence[GroupState]]]
    parsers: Mapping[str, Callable[[str, int], Any]]
    interval_ms: Callable[[], int]

    def plans(self, question: Question) -> list[Plan]:
        """The rules of a question.

        Raises:
            NotFound: No alert has a name.
            BadInput: A rule cannot be evaluated, or there are too many.
        """
        found = [plan for name in question.alerts for plan in self._named(name)]
        found += [plan for file in question.files for plan in self._of_file(file)]
        found += [self._of_expr(expr) for expr in question.exprs]
        if not found:
            raise BadInput("name an alert, a rule file or an expression")
        if len(found) > MOST_RULES:
            raise BadInput(f"{len(found)} rules are too many at once, the most is {MOST_RULES}")
        return found

    def _named(self, name: str) -> list[Plan]:
        found = [
            Plan.of(group, rule, language)
            for language, groups in self.loaded().items()
            for group, rule in _rules(groups, name)
        ]
        if not found:
            raise NotFound(f"no alert {name[:200]!r} is loaded; to try one, name its file")
        return found

    def _of_file(self, asked: FileAsked) -> list[Plan]:
        loader = GroupLoader(
            self._parser(asked.language),
            asked.language,
            self.interval_ms(),
            reads_series=asked.language == "promql",
        )
        groups = loader.groups(load_rule_text(asked.text.encode(), asked.name), asked.name)
        errors = [one for one in loader.problems if one.severity is Severity.ERROR]
        if errors:
            raise BadInput(render_errors(errors))
        found = [Plan.of(*placed, asked.language) for placed in _rules(groups, asked.alert)]
        if not found:
            what = f"alert {asked.alert!r}" if asked.alert else "alerting rule"
            raise NotFound(f"{asked.name} has no {what}")
        return found

    def _of_expr(self, asked: ExprAsked) -> Plan:
        rule = Rule(
            alert=asked.alert,
            expr=asked.expr,
            for_=Duration(asked.hold_ms),
            keep_firing_for=Duration(asked.keep_firing_ms),
            labels={Utf8Name(name): value for name, value in asked.labels},
        )
        if asked.interval_ms <= 0:
            raise BadInput("the interval of evaluation must be longer than 0")
        parsed = self._parser(asked.language)(asked.expr, asked.interval_ms)
        group = RuleGroup(name="backtest", interval=Duration(asked.interval_ms), rules=(rule,))
        state = RuleState.of(rule, group, parsed)
        placed = GroupState(group, "", asked.interval_ms, 0, [state], reads_series=False)
        plan = Plan.of(placed, state, asked.language)
        # On whole multiples of the interval: nobody expects another phase of an expression.
        return Plan(plan.rule, plan.language, plan.expr, plan.labels, "", "", 0, plan.interval_ms)

    def _parser(self, language: str) -> Callable[[str, int], Any]:
        if language not in self.parsers:
            known = ", ".join(LANGUAGES)
            raise BadInput(f"{language[:50]!r} is no language of rules; write one of {known}")
        return self.parsers[language]


def _rules(groups: Iterable[GroupState], name: str) -> list[tuple[GroupState, RuleState]]:
    """Alerting rules of a name, or all of them."""
    return [
        (group, rule)
        for group in groups
        for rule in group.rules
        if rule.alerts is not None and name in {"", rule.rule.alert}
    ]
