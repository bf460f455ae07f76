"""Runs the tests of a file: rules are evaluated over the series, results are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.base.duration import print_duration
from appliance.base.errors import ApplianceError, BadInput
from appliance.base.go_quantity import print_go_duration
from appliance.config.document import matching_files
from appliance.config.load import load_file
from appliance.config.problem import Problem, Severity
from appliance.promql.context import ALL_FEATURES
from appliance.query.limits import QueryLimits
from appliance.rules.alert import AlertState
from appliance.rules.check import Judgement, check_rule_file, yaml_errors
from appliance.rules.load import load_groups
from appliance.rules.queries import Queries
from appliance.rules.rule_state import samples_of
from appliance.rules.source import NULL_ITEM
from appliance.rules.templates import RuleTemplates
from appliance.rules.unit_test.compare import FiringAlert, compare_alerts, compare_samples
from appliance.rules.unit_test.file import TestCase, TestFile, section_type
from appliance.rules.unit_test.notation import parse_series
from appliance.rules.unit_test.source import TestSource
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.re2 import Pattern
    from appliance.rules.group_state import GroupState
    from appliance.rules.unit_test.file import AlertTest

_DEFAULT_INTERVAL_MS = 60_000


@dataclass(slots=True)
class CaseResult:
    """One test and what is wrong; nothing when it passed."""

    name: str
    errors: list[str]


@dataclass(slots=True)
class FileResult:
    """One file.

    Attributes:
        aborted: Why no test could be run; empty when they could.
        warnings: About patterns without a file.
    """

    cases: list[CaseResult] = field(default_factory=list)
    aborted: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[str]:
        """Everything that is wrong."""
        return [*self.aborted, *(error for case in self.cases for error in case.errors)]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run.

    Attributes:
        wanted: Only tests whose name it is found in; None for all.
        is_diff: Whether alerts are shown as a difference.
        ignore_unknown: Whether unknown keys in rule files are no errors.
    """

    clock: Clock
    wanted: Pattern | None = None
    is_diff: bool = False
    ignore_unknown: bool = False


def run_file(path: Path, options: RunOptions) -> FileResult:
    """Run the tests of a file."""
    result = FileResult()
    decoded = load_file(TestFile, path)
    errors = [
        problem
        for problem in decoded.problems
        if problem.severity is Severity.ERROR and problem.message != NULL_ITEM
    ]
    if errors or decoded.value is None:
        result.aborted = _messages(errors)
        return result
    given = decoded.value
    for at, name in enumerate(given.group_eval_order):
        if name in given.group_eval_order[:at]:
            result.aborted = [f"group name repeated in evaluation order: {name}"]
            return result
    rules: list[Path] = []
    for pattern in given.rule_files:
        files = [file for file in matching_files(pattern, path.parent) if file.exists()]
        if not files:
            result.warnings.append(f"no file match pattern {path.parent / pattern}")
        rules += files
    for at, case in enumerate(given.tests):
        if options.wanted is None or options.wanted.matches(case.name):
            found = _Run(given, case, options).errors(rules)
            result.cases.append(CaseResult(case.name or f"unnamed#{at}", found))
    return result


def _messages(errors: list[Problem]) -> list[str]:
    return list(yaml_errors(errors, section_type))


class _Run:
    """One test: its series, its rules, its time."""

    def __init__(self, file: TestFile, case: TestCase, options: RunOptions) -> None:
        self._file, self._case, self._options = file, case, options
        self._step_ms = int(file.evaluation_interval) or _DEFAULT_INTERVAL_MS
        self._start_ms = int(case.start_timestamp)
        self._source = TestSource()
        self._queries = Queries(
            lambda: self._source,
            options.clock,
            QueryLimits(),
            subquery_step_ms=lambda: self._step_ms,
        )

    def errors(self, rules: Sequence[Path]) -> list[str]:
        """Everything that is not as expected."""
        try:
            self._load_series()
        except BadInput as error:
            return [error.message]
        judgement = Judgement.of("promql", ignore_unknown=self._options.ignore_unknown)
        if broken := [error for file in rules for error in check_rule_file(file, judgement).errors]:
            return broken
        groups = self._groups(rules)
        for test in self._case.alert_rule_test:
            if not test.alertname:
                where = f" (in TestGroup {self._case.name})" if self._case.name else ""
                missing = "misses required attribute alertname at eval_time"
                time = print_duration(int(test.eval_time))
                return [f"an item under alert_rule_test {missing} {time}{where}"]
        return self._evaluate(groups)

    def _load_series(self) -> None:
        step_ms = int(self._case.interval) or self._step_ms
        for given in self._case.input_series:
            labels, values = parse_series(f"{given.series} {given.values}")
            for number, value in enumerate(values):
                if value is not None:
                    self._source.put(labels, self._start_ms + number * step_ms, value)

    def _groups(self, rules: Sequence[Path]) -> list[GroupState]:
        interval_ms = int(self._case.interval) or self._step_ms
        groups, _ = load_groups(rules, interval_ms=interval_ms, offset_ms=0, features=ALL_FEATURES)
        for group in groups:
            for rule in group.rules:
                if rule.alerts is not None:
                    rule.alerts.restored = True  # so that ALERTS is there from the start
        order = {name: number for number, name in enumerate(self._file.group_eval_order)}
        return sorted(groups, key=lambda group: order.get(group.group.name, 0))

    def _evaluate(self, groups: Sequence[GroupState]) -> list[str]:
        templates = RuleTemplates(
            lambda: self._case.external_labels, self._case.external_url, self._queries.ask
        )
        found: list[str] = []
        for after_ms in range(0, self._case.length_ms + 1, self._step_ms):
            at_ms = self._source.until_ms = self._start_ms + after_ms
            for group in groups:
                group.evaluate(
                    self._queries.evaluate, templates, self._source, self._options.clock, at_ms
                )
                found += self._rule_errors(group, at_ms)
            if found and any(rule.last_error for group in groups for rule in group.rules):
                return found
            found += self._check_alerts(groups, after_ms)
        return found + self._check_expressions()

    def _rule_errors(self, group: GroupState, at_ms: int) -> list[str]:
        time = print_go_duration(at_ms * 10**6)
        return [
            f"    rule: {rule.rule.name}, time: {time}, err: {rule.last_error}"
            for rule in group.rules
            if rule.last_error
        ]

    def _check_alerts(self, groups: Sequence[GroupState], after_ms: int) -> list[str]:
        """Compare the alerts that are expected before the next evaluation."""
        due = [
            test
            for test in self._case.alert_rule_test
            if after_ms <= test.eval_time < after_ms + self._step_ms
        ]
        found = []
        for test in sorted(due, key=lambda test: test.eval_time):
            difference = compare_alerts(
                _expected(test), _firing(groups, test.alertname), is_diff=self._options.is_diff
            )
            if difference:
                name = f"    name: {self._case.name},\n" if self._case.name else ""
                time = print_duration(int(test.eval_time))
                head = f"{name}    alertname: {test.alertname}, time: {time}, \n"
                found.append(head + difference)
        return found

    def _check_expressions(self) -> list[str]:
        found = []
        for test in self._case.promql_expr_test:
            head = f"    expr: {quote(test.expr)}, time: {print_duration(int(test.eval_time))},"
            try:
                at_ms = self._start_ms + int(test.eval_time)
                got = samples_of(self._queries.ask(test.expr, at_ms))
                difference = compare_samples(
                    test.exp_samples, got, is_fuzzy=self._file.fuzzy_compare
                )
            except ApplianceError as error:
                found.append(f"{head} err: {error.message}")
                continue
            if difference:
                found.append(f"{head}\n{difference}")
        return found


def _expected(test: AlertTest) -> list[FiringAlert]:
    return [
        FiringAlert.of(alert.exp_labels | {"alertname": test.alertname}, alert.exp_annotations)
        for alert in test.exp_alerts
    ]


def _firing(groups: Sequence[GroupState], name: str) -> list[FiringAlert]:
    return [
        FiringAlert.of(dict(alert.labels), alert.annotations)
        for group in groups
        for rule in group.rules
        if rule.alerts is not None and rule.rule.alert == name
        for alert in rule.alerts.active
        if alert.state is AlertState.FIRING
    ]
