"""One group of rules: evaluated together, its results written together."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from appliance.base.errors import ApplianceError
from appliance.rules.dependency import stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from appliance.base.clock import Clock
    from appliance.model.labels import Labels
    from appliance.model.value import QueryResult
    from appliance.promql.ast import Expr
    from appliance.rules.config import RuleGroup
    from appliance.rules.rule_state import RuleState, Sample, Templates

_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Where results go."""

    def write(
        self, stage: str, at_ms: int, samples: Sequence[Sample], gone: Iterable[Labels]
    ) -> None:
        """Store samples of one time, and staleness markers; returns when queries see them.

        Args:
            stage: A name under which the same series come again and again.
        """
        ...


@dataclass(slots=True, eq=False)
class GroupState:
    """A group and its history; evaluated by one thread at a time.

    Attributes:
        file: Path of the rule file.
        interval_ms: Between evaluations.
        offset_ms: How far back expressions are evaluated (`query_offset`).
        last_ms: Time of the last evaluation, 0 for never.
        seconds: What it took.
        reads_series: Whether rules may read what others have written; those over logs do not.
    """

    group: RuleGroup
    file: str
    interval_ms: int
    offset_ms: int
    rules: list[RuleState]
    last_ms: int = 0
    seconds: float = 0.0
    samples: int = 0
    iterations: int = 0
    missed: int = 0
    reads_series: bool = True
    _stages: list[list[int]] = field(default_factory=list)
    _orphans: set[Labels] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.reads_series:
            self._stages = stages([(rule.writes, rule.expr) for rule in self.rules])
        else:
            self._stages = [list(range(len(self.rules)))]

    @property
    def key(self) -> str:
        """What groups are told apart by, as Prometheus writes it."""
        return f"{self.file};{self.group.name}"

    def next_ms(self, now_ms: int) -> int:
        """The next time of evaluation after now: multiples of the interval, groups spread out."""
        digest = hashlib.blake2b(self.key.encode(), digest_size=8).digest()
        offset = int.from_bytes(digest) % self.interval_ms
        return now_ms - (now_ms - offset) % self.interval_ms + self.interval_ms

    def adopt(self, before: GroupState) -> None:
        """Take over the history of the group that this one replaces after a reload."""
        self.last_ms, self.seconds, self.samples = before.last_ms, before.seconds, before.samples
        old: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[RuleState]] = {}
        for rule in before.rules:
            old.setdefault(_identity(rule), []).append(rule)
        for rule in self.rules:
            matching = old.get(_identity(rule))
            if not matching:
                continue
            known = matching.pop(0)
            rule.series, rule.health, rule.last_error = known.series, known.health, known.last_error
            rule.last_ms, rule.seconds = known.last_ms, known.seconds
            if rule.alerts is not None and known.alerts is not None:
                rule.alerts.by_labels = dict(known.alerts.by_labels)
                rule.alerts.restored = known.alerts.restored
        left = [rule for rules in old.values() for rule in rules]
        self._orphans = before._orphans | {labels for rule in left for labels in rule.series}

    def evaluate(
        self,
        query: Callable[[Expr, str, int], QueryResult],
        templates: Templates,
        sink: Sink,
        clock: Clock,
        at_ms: int,
    ) -> None:
        """Evaluate all rules for a time and store what they give.

        Raises:
            ApplianceError: The results could not be stored.
        """
        began = clock.monotonic()
        at_ms -= self.offset_ms
        self.samples = 0
        for number, members in enumerate(self._stages):
            results = {i: self._evaluate_rule(i, query, templates, clock, at_ms) for i in members}
            samples = {labels: value for found in results.values() for labels, value in found or ()}
            gone = self._gone(results, number == 0) - samples.keys()
            if samples or gone:
                sink.write(f"{self.key};{number}", at_ms, list(samples.items()), gone)
            for i, found in results.items():
                if found is not None:
                    self.rules[i].series = {labels for labels, _ in found}
            self.samples += len(samples)
        self._orphans = set()
        self.last_ms, self.iterations = at_ms, self.iterations + 1
        self.seconds = clock.monotonic() - began

    def _evaluate_rule(
        self,
        number: int,
        query: Callable[[Expr, str, int], QueryResult],
        templates: Templates,
        clock: Clock,
        at_ms: int,
    ) -> list[Sample] | None:
        """The samples of one rule; None when it failed."""
        rule, began = self.rules[number], clock.monotonic()
        rule.last_ms = at_ms
        try:
            found = rule.evaluate(query, templates, at_ms, self.group.limit)
            rule.health, rule.last_error, rule.samples = "ok", "", len(found)
        except ApplianceError as error:
            found = None
            rule.health, rule.last_error, rule.samples = "err", error.message, 0
            _log.warning("rule %s of group %s failed: %s", rule.rule.name, self.group.name, error)
        rule.seconds = clock.monotonic() - began
        return found

    def _gone(
        self,
        results: dict[int, list[Sample] | None],
        is_first: bool,  # noqa: FBT001 - one caller
    ) -> set[Labels]:
        """Series of the last evaluation that this one did not give."""
        gone = set(self._orphans) if is_first else set()
        for number, found in results.items():
            if found is not None:  # what a failed rule gave before stays as it is
                gone |= self.rules[number].series
        return gone

    def end(self, sink: Sink, at_ms: int) -> None:
        """Mark all series as gone: the group is not there any more."""
        gone = {labels for rule in self.rules for labels in rule.series} | self._orphans
        if gone:
            sink.write(f"{self.key};end", at_ms, [], gone)


def _identity(state: RuleState) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return state.rule.name, state.rule.expr, tuple(sorted(state.labels.items()))
