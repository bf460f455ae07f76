"""One group of rules: evaluated together, its results written together."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from appliance.base.errors import ApplianceError
from appliance.base.tasks import share
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
#: Rules that together took longer than this are evaluated at the same time.
_SHARED_SECONDS = 0.05
#: Threads besides that of the group; more cost time (measured: they wait for the interpreter).
_HELPERS = 1


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

    def is_same(self, other: GroupState) -> bool:
        """Whether another state is of just the same group, so that nothing has to change."""
        return (
            self.group == other.group
            and (self.interval_ms, self.offset_ms) == (other.interval_ms, other.offset_ms)
            and [rule.broken for rule in self.rules] == [rule.broken for rule in other.rules]
        )

    def adopt(self, before: GroupState) -> None:
        """Take over the history of the group that this one replaces, not that of its rules."""
        self.last_ms, self.seconds, self.samples = before.last_ms, before.seconds, before.samples
        self.iterations, self.missed = before.iterations, before.missed
        self._orphans = before._orphans

    def orphan(self, rules: Iterable[RuleState]) -> None:
        """Rules that are not there any more: their series end with the next evaluation."""
        self._orphans = self._orphans | {labels for rule in rules for labels in rule.series}

    def evaluate(
        self,
        query: Callable[[Expr, str, int], QueryResult],
        templates: Templates,
        sink: Sink,
        clock: Clock,
        at_ms: int,
        *,
        told: Callable[[GroupState, RuleState, int], None] | None = None,
    ) -> None:
        """Evaluate all rules for a time and store what they give.

        Args:
            told: Called after each rule that worked, in a worker thread.

        Raises:
            ApplianceError: The results could not be stored.
        """
        began = clock.monotonic()
        self.samples = 0
        for number, members in enumerate(self._stages):
            results: dict[int, list[Sample] | None] = {}

            def evaluate_rule(i: int, results: dict[int, list[Sample] | None] = results) -> None:
                results[i] = found = self._evaluate_rule(i, query, templates, clock, at_ms)
                if told is not None and found is not None:
                    told(self, self.rules[i], at_ms)

            self._call([partial(evaluate_rule, i) for i in members], members)
            samples = {labels: value for found in results.values() for labels, value in found or ()}
            gone = self._gone(results, number == 0) - samples.keys()
            if samples or gone:
                stage = f"{self.key};{number}"
                sink.write(stage, at_ms - self.offset_ms, list(samples.items()), gone)
            for i, found in results.items():
                if found is not None:
                    self.rules[i].series = {labels for labels, _ in found}
            self.samples += len(samples)
        self._orphans = set()
        self.last_ms, self.iterations = at_ms, self.iterations + 1
        self.seconds = clock.monotonic() - began

    def _call(self, works: list[Callable[[], None]], members: Sequence[int]) -> None:
        """Evaluate rules that do not read each other's results; slow ones at the same time."""
        expected = sum(self.rules[i].seconds for i in members)
        helpers = _HELPERS if expected > _SHARED_SECONDS else 0
        share(works, pool="rule helper", helpers=helpers)

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
            found = rule.evaluate(
                query, templates, at_ms, limit=self.group.limit, offset_ms=self.offset_ms
            )
            rule.health, rule.last_error, rule.samples = "ok", "", len(found)
        except ApplianceError as error:
            found = None
            if error.message != rule.last_error:
                name = rule.rule.name
                _log.warning("rule %s of group %s failed: %s", name, self.group.name, error)
            rule.health, rule.last_error, rule.samples = "err", error.message, 0
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
