"""Rule files judged as promtool judges them: the same errors, in its order and words.

Prometheus 3, model/rulefmt (errors) and promtool's lint `duplicate-rules`. `appliance check`
without a keyword says more, in the house's form; see `rules/config.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.document import compose, position, read
from appliance.config.problem import Problem, Severity
from appliance.promql.ast import METRIC_NAME
from appliance.promql.context import ALL_FEATURES
from appliance.promql.parser import parse
from appliance.rules.source import first_document, load_rule_text
from appliance.rules.templates import parsed
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import yaml

    from appliance.rules.config import Rule, RuleFile, RuleGroup

#: How findings begin that are about rules rather than about YAML; they are made anew here.
_ABOUT_RULES = (
    "only one of 'record'", "one of 'record'", "field 'expr'", "invalid field",
    "invalid label name", "braces present", "groupname",
)  # fmt: skip
_GROUP_PATH = re.compile(r"groups\[\d+\](\.rules\[\d+\])?\.[^.]+")


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """What is to be said about a rule file.

    Attributes:
        errors: As promtool words them, the file's name first.
        count: Rules in the file.
        duplicates: Rules that are there more than once: name and labels, sorted.
    """

    errors: list[str]
    count: int = 0
    duplicates: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """How rule files are judged.

    Attributes:
        parse: Refuses expressions; raises BadInput.
        ignore_unknown: Whether keys that Prometheus does not know are no errors.
    """

    parse: Callable[[str], object]
    ignore_unknown: bool = False

    @classmethod
    def of(cls, language: str, *, ignore_unknown: bool = False) -> Judgement:
        """For rules in a language: `promql`, `logql` or `traceql`."""
        if language == "logql":
            from appliance.logql.parser import parse as parse_logql  # noqa: PLC0415 - LogQL

            return cls(parse_logql, ignore_unknown)
        if language == "traceql":
            from appliance.rules.trace_queries import TraceQuery  # noqa: PLC0415 - TraceQL

            return cls(lambda text: TraceQuery.parse(text, 0), ignore_unknown)
        return replace(PROMETHEUS_RULES, ignore_unknown=ignore_unknown)


PROMETHEUS_RULES = Judgement(lambda text: parse(text, ALL_FEATURES))


def check_rule_file(path: Path, judgement: Judgement = PROMETHEUS_RULES) -> RuleCheck:
    """Judge a rule file."""
    data, unreadable = read(path)
    if unreadable:
        return RuleCheck([f"open {path}: {problem.message}" for problem in unreadable])
    return check_rule_text(data, str(path), judgement)


def check_rule_text(data: bytes, file: str, judgement: Judgement = PROMETHEUS_RULES) -> RuleCheck:
    """The same for a text; `file` is how errors name it, empty for not at all."""
    prefix = f"{file}: " if file else ""
    decoded = load_rule_text(data, file)
    problems = [
        problem
        for problem in decoded.problems
        if problem.severity is Severity.ERROR
        and not problem.message.startswith(_ABOUT_RULES)
        and not (judgement.ignore_unknown and problem.code == "unknown-key")
    ]
    if problems or decoded.value is None:
        return RuleCheck([prefix + text for text in yaml_errors(problems, _type)])
    root, _ = compose(first_document(data), file)
    errors = list(_errors(decoded.value, root, judgement.parse))
    rules = [rule for group in decoded.value.groups for rule in group.rules]
    return RuleCheck([prefix + text for text in errors], len(rules), _duplicates(decoded.value))


def yaml_errors(problems: list[Problem], type_of: Callable[[str], str]) -> Iterator[str]:
    """Findings of the decoder, unknown keys together, as go-yaml words them.

    Args:
        type_of: Prometheus' name for the section that a key stands in, by the key's path.
    """
    unknown = [problem for problem in problems if problem.code == "unknown-key"]
    if unknown:
        lines = [
            f"  line {item.line}: field {item.path.rpartition('.')[2]} not found in type"
            f" {type_of(item.path)}"
            for item in unknown
        ]
        yield "\n".join(["yaml: unmarshal errors:", *lines])
    for problem in problems:
        if problem.code != "unknown-key":
            subject = f"{problem.path}: " if problem.path else ""
            place = f"{problem.line}:{problem.column}: " if problem.line else ""
            yield f"{place}{subject}{problem.message}"


def _type(path: str) -> str:
    """Prometheus' name for the section that a key stands in."""
    match = _GROUP_PATH.fullmatch(path)
    if match is None:
        return "rulefmt.RuleGroups"
    return "rulefmt.Rule" if match[1] else "rulefmt.RuleGroup"


def _errors(
    file: RuleFile, root: yaml.Node | None, parse_expr: Callable[[str], object]
) -> Iterator[str]:
    seen: set[str] = set()
    for number, group in enumerate(file.groups):
        place = _place(root, "groups", number)
        if not group.name:
            yield f"{place}: Groupname must not be empty"
        if group.name in seen:
            yield f"{place}: groupname: {quote(group.name)} is repeated in the same file"
        seen.add(group.name)
        yield from _group_label_errors(group)
        for at, rule in enumerate(group.rules):
            about = (
                f"group {quote(group.name)}, rule {at + 1}, {quote(rule.alert or rule.record)}: "
            )
            for keys, message in [*_rule_errors(rule, parse_expr), *_name_errors(rule)]:
                places = [_place(root, "groups", number, "rules", at, key) for key in keys]
                yield "".join(f"{place}: " for place in places) + about + message


def _group_label_errors(group: RuleGroup) -> Iterator[str]:
    for name in group.labels:
        if name == METRIC_NAME:
            yield f"invalid label name: {name}"


def _rule_errors(
    rule: Rule, parse_expr: Callable[[str], object]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Errors with the keys whose places are named."""
    if rule.record and rule.alert:
        yield ("record", "alert"), "only one of 'record' and 'alert' must be set"
    if not rule.name:
        yield ("record", "alert"), "one of 'record' or 'alert' must be set"
    if not rule.expr:
        yield ("expr",), "field 'expr' must be set in rule"
    else:
        try:
            parse_expr(rule.expr)
        except BadInput as error:
            yield ("expr",), f"could not parse expression: {error.message}"
    if not rule.record:
        return
    for key, value in (
        ("annotations", rule.annotations),
        ("for", rule.for_),
        ("keep_firing_for", rule.keep_firing_for),
    ):
        if value:
            yield ("record",), f"invalid field '{key}' in recording rule"
    if "{" in rule.record or "}" in rule.record:
        hint = "should it be in expr?"
        yield ("record",), f"braces present in the recording rule name; {hint}: {rule.record}"


def _name_errors(rule: Rule) -> Iterator[tuple[tuple[str, ...], str]]:
    """Errors of labels and annotations, which name no place."""
    if METRIC_NAME in rule.labels:
        yield (), f"invalid label name: {METRIC_NAME}"
    if rule.alert:
        for message in template_errors(rule):
            yield (), message


def template_errors(rule: Rule) -> Iterator[str]:
    """What is wrong in the templates of an alerting rule."""
    for kind, texts in (("label", rule.labels), ("annotation", rule.annotations)):
        for name, text in texts.items():
            try:
                parsed(rule.alert, text)
            except BadInput as error:
                yield f"{kind} {quote(name)}: {error.message}"


def _place(root: yaml.Node | None, *steps: str | int) -> str:
    """Line and column of a value; 0:0 when it is not there."""
    node = root
    for step in steps:
        found = None
        for number, item in enumerate(node.value if node is not None else ()):
            if isinstance(item, tuple):
                found = item[1] if item[0].value == step else found
            elif number == step:
                found = item
        node = found
        if node is None:
            return "0:0"
    return "{0.line}:{0.column}".format(position(node)) if node is not None else "0:0"


def _duplicates(file: RuleFile) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    seen: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
    for group in file.groups:
        for rule in group.rules:
            labels = {str(k): v for k, v in [*group.labels.items(), *rule.labels.items()]}
            identity = (rule.alert or rule.record, tuple(sorted(labels.items())))
            seen[identity] = seen.get(identity, 0) + 1
    return tuple(sorted(identity for identity, count in seen.items() if count > 1))
