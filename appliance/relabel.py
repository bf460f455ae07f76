"""Relabelling (Prometheus, configuration, `<relabel_config>`; model/relabel of 3.x).

Used for targets, for scraped series, for log streams and for alerts.
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Self

from appliance.base.errors import BadInput
from appliance.base.re2 import full_match
from appliance.config.scalars import Regex, Uint
from appliance.config.schema import key, section
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from appliance.config.report import Report

_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")
_DEFAULT_REGEX = "(.*)"
_DEFAULT_REPLACEMENT = "$1"
_DEFAULT_SEPARATOR = ";"


class Action(Enum):
    """What a relabelling step does."""

    REPLACE = "replace"
    KEEP = "keep"
    DROP = "drop"
    KEEPEQUAL = "keepequal"
    DROPEQUAL = "dropequal"
    HASHMOD = "hashmod"
    LABELMAP = "labelmap"
    LABELDROP = "labeldrop"
    LABELKEEP = "labelkeep"
    LOWERCASE = "lowercase"
    UPPERCASE = "uppercase"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The action of this name, in any case."""
        try:
            return cls(text.lower())
        except ValueError as error:
            names = ", ".join(member.value for member in cls)
            raise BadInput(f"unknown relabel action {text!r}; one of {names}") from error


_NEED_TARGET = {
    Action.REPLACE,
    Action.HASHMOD,
    Action.LOWERCASE,
    Action.UPPERCASE,
    Action.KEEPEQUAL,
    Action.DROPEQUAL,
}


@section
class RelabelConfig:
    """One relabelling step; `$` in `regex`, `replacement` and `target_label` is the regex's own."""

    source_labels: tuple[str, ...] = ()
    separator: str = _DEFAULT_SEPARATOR
    regex: Regex = key(default=Regex(_DEFAULT_REGEX), literal=True)
    modulus: Uint = Uint(0)
    target_label: str = key(default="", literal=True)
    replacement: str = key(default=_DEFAULT_REPLACEMENT, literal=True)
    action: Action = Action.REPLACE

    def check(self, report: Report) -> None:
        """Refuse combinations that Prometheus refuses."""
        name = self.action.value
        start = "relabel configuration for"
        if self.action is Action.HASHMOD and self.modulus == 0:
            report.error(self, "modulus", f"{start} hashmod requires non-zero modulus")
        if self.action in _NEED_TARGET and not self.target_label:
            message = f"{start} {name} action requires 'target_label' value"
            report.error(self, "target_label", message, code="missing-key")
        for field in sorted(self._superfluous()):
            report.error(self, field, f"{field!r} can not be set for {name} action")

    def _superfluous(self) -> set[str]:
        """Keys that were given and have no meaning for the action."""
        given = {
            "source_labels": bool(self.source_labels),
            "target_label": bool(self.target_label),
            "regex": self.regex != _DEFAULT_REGEX,
            "modulus": self.modulus != 0,
            "separator": self.separator != _DEFAULT_SEPARATOR,
            "replacement": self.replacement != _DEFAULT_REPLACEMENT,
        }
        forbidden: set[str] = set()
        if self.action in {Action.LABELDROP, Action.LABELKEEP}:
            forbidden = set(given) - {"regex"}
        elif self.action in {Action.KEEPEQUAL, Action.DROPEQUAL}:
            forbidden = set(given) - {"source_labels", "target_label"}
        elif self.action in {Action.LOWERCASE, Action.UPPERCASE}:
            forbidden = {"replacement"}
        return {field for field in forbidden if given[field]}


def relabel(labels: Labels, steps: Sequence[RelabelConfig]) -> Labels | None:
    """Labels after all steps; None when a step drops them."""
    if not steps:
        return labels
    builder = dict(labels)
    if not relabel_builder(builder, steps):
        return None
    return Labels.of(builder)


def relabel_builder(builder: dict[str, str], steps: Sequence[RelabelConfig]) -> bool:
    """Apply steps to labels in place; False when a step drops them."""
    return all(_ACTIONS[step.action](builder, step, _joined(builder, step)) for step in steps)


def _joined(builder: dict[str, str], step: RelabelConfig) -> str:
    return step.separator.join(builder.get(name, "") for name in step.source_labels)


def _set(builder: dict[str, str], name: str, value: str) -> bool:
    """Set a label, or remove it when the value is empty; always True, labels are kept."""
    if value:
        builder[name] = value
    else:
        builder.pop(name, None)
    return True


def _replace(builder: dict[str, str], step: RelabelConfig, value: str) -> bool:
    if not (match := full_match(step.regex).search(value.encode())):
        return True
    target = expand_template(step.target_label, step.regex, match)
    if not target:
        return True
    return _set(builder, target, expand_template(step.replacement, step.regex, match))


def _hashmod(builder: dict[str, str], step: RelabelConfig, value: str) -> bool:
    digest = hashlib.md5(value.encode(), usedforsecurity=False).digest()
    number = int.from_bytes(digest[8:], "big") % step.modulus
    return _set(builder, step.target_label, str(number))


def _labelmap(builder: dict[str, str], step: RelabelConfig, _value: str) -> bool:
    pattern = full_match(step.regex)
    for name, content in sorted(builder.items()):
        if match := pattern.search(name.encode()):
            _set(builder, expand_template(step.replacement, step.regex, match), content)
    return True


def _labels_where(builder: dict[str, str], step: RelabelConfig, *, dropped: bool) -> bool:
    pattern = full_match(step.regex)
    for name in [name for name in builder if pattern.matches(name) == dropped]:
        del builder[name]
    return True


_ACTIONS: dict[Action, Callable[[dict[str, str], RelabelConfig, str], bool]] = {
    Action.REPLACE: _replace,
    Action.KEEP: lambda _, step, value: full_match(step.regex).matches(value),
    Action.DROP: lambda _, step, value: not full_match(step.regex).matches(value),
    Action.KEEPEQUAL: lambda labels, step, value: labels.get(step.target_label, "") == value,
    Action.DROPEQUAL: lambda labels, step, value: labels.get(step.target_label, "") != value,
    Action.HASHMOD: _hashmod,
    Action.LABELMAP: _labelmap,
    Action.LABELDROP: lambda labels, step, _: _labels_where(labels, step, dropped=True),
    Action.LABELKEEP: lambda labels, step, _: _labels_where(labels, step, dropped=False),
    Action.LOWERCASE: lambda labels, step, value: _set(labels, step.target_label, value.lower()),
    Action.UPPERCASE: lambda labels, step, value: _set(labels, step.target_label, value.upper()),
}


def expand_template(template: str, regex: str, match: Any) -> str:
    """A replacement with its references put in, as Go's `Regexp.Expand` does it.

    `$name` takes the longest run of letters, digits and underscores; `$$` is a dollar; a reference
    to a group that does not exist is empty.

    Args:
        template: Such as `$1` or `${host}:9100`.
        regex: The expression, in the form `full_match` takes.
        match: A match of it, over bytes.
    """
    if "$" not in template:
        return template
    return _REFERENCE.sub(lambda found: _group(found, regex, match), template)


def _group(found: re.Match[str], regex: str, match: Any) -> str:
    dollar, bare, braced = found.groups()
    if dollar:
        return "$"
    name = bare or braced
    if name.isascii() and name.isdigit():
        if name[0] == "0" and len(name) > 1:
            return ""
        number = int(name)
    else:
        number = _group_numbers(regex).get(name, -1)
    groups = match.groups()
    if number == 0:
        return str(match.group(0).decode())
    if not 0 < number <= len(groups):
        return ""
    return (groups[number - 1] or b"").decode()


@functools.lru_cache(maxsize=256)
def _group_numbers(regex: str) -> dict[str, int]:
    return full_match(regex).group_numbers()


@dataclass(frozen=True, slots=True)
class RelabelStep:
    """One step and what it makes of labels.

    Attributes:
        rule: The step.
        output: The labels after it; none once they are dropped.
        is_kept: Whether they are kept.
    """

    rule: RelabelConfig
    output: Labels
    is_kept: bool


def relabel_steps(labels: Labels, steps: Sequence[RelabelConfig]) -> list[RelabelStep]:
    """What each step makes of labels."""
    builder = dict(labels)
    is_kept = True
    found: list[RelabelStep] = []
    for step in steps:
        is_kept = is_kept and relabel_builder(builder, [step])
        found.append(RelabelStep(step, Labels.of(builder) if is_kept else Labels(), is_kept))
    return found
