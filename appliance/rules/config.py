"""Rule files (Prometheus 3, configuration, recording and alerting rules; model/rulefmt).

Expressions and templates are kept as text here; who can parse them checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import Duration, Utf8Name
from appliance.config.schema import key, section

if TYPE_CHECKING:
    from appliance.config.report import Report

_RULE_KEYS = {"alert", "expr", "for", "keep_firing_for", "labels", "record", "annotations"}


def _explain_nested(name: str, indent: int) -> str:
    """Help for a mapping within labels or annotations: most often a wrong indentation."""
    if name not in _RULE_KEYS:
        return 'write a text such as "…"'
    return f"move {name} up {indent} columns: it belongs to the rule"


@section
class Rule:
    """A recording rule (`record`) or an alerting rule (`alert`)."""

    record: str = ""
    alert: str = ""
    expr: str = key(default="", literal=True)
    for_: Duration = key("for", default=Duration(0))
    keep_firing_for: Duration = Duration(0)
    labels: dict[Utf8Name, str] = key(default_factory=dict, literal=True, kind_hint=_explain_nested)
    annotations: dict[Utf8Name, str] = key(
        default_factory=dict, literal=True, kind_hint=_explain_nested
    )

    @property
    def name(self) -> str:
        """What the rule records or is called."""
        return self.record or self.alert

    def check(self, report: Report) -> None:
        """One kind of rule, with the keys of that kind."""
        if self.record and self.alert:
            message = "only one of 'record' and 'alert' must be set"
            report.error(self, "alert", message)
        elif not self.name:
            report.error(self, (), "one of 'record' or 'alert' must be set", code="missing-key")
        if not self.expr.strip():
            report.error(self, "expr", "field 'expr' must be set in rule", code="missing-key")
        if self.record:
            self._check_recording(report)
        if "__name__" in self.labels:
            report.error(self, ("labels", "__name__"), "invalid label name: __name__")

    def _check_recording(self, report: Report) -> None:
        for field, value in (
            ("for", self.for_),
            ("keep_firing_for", self.keep_firing_for),
            ("annotations", self.annotations),
        ):
            if value:
                report.error(self, field, f"invalid field {field!r} in recording rule")
        if "{" in self.record or "}" in self.record:
            message = f"braces present in the recording rule name: {self.record!r}"
            report.error(self, "record", message, hint="should it be in expr?")


@section
class RuleGroup:
    """Rules evaluated one after the other at one time."""

    name: str = ""
    interval: Duration = Duration(0)
    query_offset: Duration | None = None
    limit: int = 0
    labels: dict[Utf8Name, str] = key(default_factory=dict, literal=True)
    rules: tuple[Rule, ...] = ()

    def check(self, report: Report) -> None:
        """A group has a name; the same rule twice is most likely a slip."""
        if not self.name:
            report.error(self, "name", "groupname must not be empty", code="missing-key")
        if "__name__" in self.labels:
            report.error(self, ("labels", "__name__"), "invalid label name: __name__")
        seen: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}
        for rule in self.rules:
            identity = (rule.name, frozenset(rule.labels.items()))
            if identity in seen:
                message = (
                    f"duplicate rule {rule.name!r}: name and labels repeat line {seen[identity]}"
                )
                report.warn(rule, (), message, code="duplicate-rule")
            seen.setdefault(identity, report.origin(rule).line)


@section
class RuleFile:
    """A whole rule file."""

    groups: tuple[RuleGroup, ...] = ()

    def check(self, report: Report) -> None:
        """Names of groups are used once."""
        seen: dict[str, int] = {}
        for group in self.groups:
            if group.name in seen:
                hint = f"it was used in line {seen[group.name]}"
                message = f"groupname: {group.name!r} is repeated in the same file"
                report.error(group, "name", message, code="duplicate-name", hint=hint)
            seen.setdefault(group.name, report.origin(group, "name").line)
