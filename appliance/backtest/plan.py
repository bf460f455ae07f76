"""What is backtested: a rule as its group would evaluate it, and over which time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from appliance.rules.config import Rule
    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import RuleState

#: What a template may use besides labels; its text then changes with the sample.
_CHANGING = re.compile(r"alue|query|tmpl|template|now|first|since", re.IGNORECASE)
#: Evaluations of one rule.
MOST_EVALUATIONS = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A rule and its group's ways.

    Attributes:
        language: `promql`, `logql` or `traceql`.
        expr: Parsed, as `rules` parses expressions of the language.
        labels: The group's and the rule's own, not filled in.
        phase_ms: Evaluations are at times that leave this remainder when divided by the interval.
        offset_ms: How long before such a time the expression is evaluated (`query_offset`).
        limit: Most alerts; 0 for any number.
    """

    rule: Rule
    language: str
    expr: Any
    labels: dict[str, str]
    group: str
    file: str
    line: int
    interval_ms: int
    phase_ms: int = 0
    offset_ms: int = 0
    limit: int = 0

    @classmethod
    def of(cls, group: GroupState, state: RuleState, language: str) -> Plan:
        """A rule that was loaded.

        Raises:
            BadInput: It cannot be evaluated, or records.
        """
        if state.alerts is None:
            raise BadInput(f"{state.rule.name!r} is a recording rule; name one that alerts")
        if state.broken or state.expr is None:
            raise BadInput(state.broken or "the rule cannot be evaluated")
        return cls(
            rule=state.rule,
            language=language,
            expr=state.expr,
            labels=state.labels,
            group=group.group.name,
            file=group.file,
            line=state.line,
            interval_ms=group.interval_ms,
            # Range queries over logs and traces have steps at whole multiples.
            phase_ms=group.next_ms(0) % group.interval_ms if language == "promql" else 0,
            offset_ms=group.offset_ms,
            limit=group.group.limit,
        )

    @property
    def has_steady_labels(self) -> bool:
        """Whether the labels of an alert depend on the labels of its series alone."""
        return not any("{{" in text and _CHANGING.search(text) for text in self.labels.values())

    @property
    def has_own_range(self) -> bool:
        """Whether the expression speaks of the range of the query it is evaluated in.

        Then many evaluations cannot be one range query.
        """
        return (
            re.search(r"@\s*(start|end)\s*\(|\b(range|step)\s*\(\s*\)", self.rule.expr) is not None
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Times of evaluation: `first_ms`, every `step_ms`, `count` of them."""

    first_ms: int
    step_ms: int
    count: int

    @classmethod
    def of(cls, plan: Plan, start_ms: int, end_ms: int) -> Span:
        """The evaluations from one time to another, both included.

        Raises:
            BadInput: There are none, or too many.
        """
        step = plan.interval_ms
        first = start_ms + (plan.phase_ms - start_ms) % step
        count = (end_ms - first) // step + 1 if end_ms >= first else 0
        if count <= 0:
            raise BadInput("the range holds no evaluation: it is shorter than the group's interval")
        if count > MOST_EVALUATIONS:
            raise BadInput(
                f"{count} evaluations are too many, the most is {MOST_EVALUATIONS};"
                " ask for a shorter range, or for a longer interval"
            )
        return cls(first, step, count)

    @property
    def last_ms(self) -> int:
        """The time of the last evaluation."""
        return self.first_ms + (self.count - 1) * self.step_ms

    def part(self, first: int, count: int) -> Span:
        """Some of the evaluations."""
        count = min(count, self.count - first)
        return replace(self, first_ms=self.first_ms + first * self.step_ms, count=count)
