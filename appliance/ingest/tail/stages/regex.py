"""Stages that go by expressions: regex, replace (promtail, stages/regex.go, replace.go), pattern.

Alloy's pattern stage has captures as LogQL's `| pattern` has them: what stands between two captures
is searched from left to right, the first text begins the line, the last capture takes the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.base.re2 import Pattern
from appliance.ingest.tail.stages.template import StageTemplate
from appliance.ingest.tail.stages.values import input_of, text_of

if TYPE_CHECKING:
    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_config import PatternStage, RegexStage, ReplaceStage

_CAPTURE = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>")


class Regex:
    """Named groups become extracted values, of a group that took no part empty ones."""

    def __init__(self, config: RegexStage) -> None:
        self._source = config.source
        self._pattern = Pattern(config.expression)
        numbers = self._pattern.group_numbers()
        self._groups = [(name, number) for name, number in numbers.items()]
        self._sets_labels = config.labels_from_groups

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Extract values."""
        search, groups = self._pattern.search, self._groups
        for entry in entries:
            text = input_of(entry, self._source)
            match = None if text is None else search(text.encode("utf-8", "replace"))
            if match is None:
                continue
            values = match.groups()
            found = {
                name: (values[number - 1] or b"").decode("utf-8", "replace")
                for name, number in groups
            }
            entry.extracted.update(found)
            if self._sets_labels:
                entry.labels.update(found)
        return entries


class Replace:
    """What the groups of an expression match is replaced by what a template gives for it."""

    def __init__(self, config: ReplaceStage) -> None:
        self._source = config.source
        self._pattern = Pattern(config.expression)
        self._groups = self._pattern.group_numbers()
        self._template = StageTemplate(config.replace)

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Rewrite lines, or extracted values."""
        for entry in entries:
            text = input_of(entry, self._source)
            if text is not None:
                self._replace(entry, text)
        return entries

    def _replace(self, entry: Entry, text: str) -> None:
        data = text.encode("utf-8", "replace")
        matches = _matches(self._pattern, data)
        if not matches:
            return
        values: dict[str, Any] = {
            name: shown
            for name, value in entry.extracted.items()
            if (shown := text_of(value)) is not None
        }
        try:
            result, made = self._rewritten(data, matches, values)
        except BadInput:
            return
        if self._source is None:
            entry.line = result
        else:
            entry.extracted[self._source] = result
        first = matches[0].groups()
        for name, number in self._groups.items():
            new = made.get(first[number - 1] or b"")
            if new is not None:
                entry.extracted[name] = new

    def _rewritten(
        self, data: bytes, matches: list[Any], values: dict[str, Any]
    ) -> tuple[str, dict[bytes, str]]:
        """The text with its groups replaced, and what each text that was matched became."""
        parts: list[bytes] = []
        made: dict[bytes, str] = {}
        done = 0
        for match in matches:
            for number, group in enumerate(match.groups(), 1):
                if group is None:
                    continue
                values["Value"] = group.decode("utf-8", "replace")
                new = self._template.draw(values)
                start, end = match.span(number)
                if done == 0 or done <= start:
                    parts += [data[done:start], new.encode()]
                    done = end
                made[group] = new
        return b"".join([*parts, data[done:]]).decode("utf-8", "replace"), made


def _matches(pattern: Pattern, data: bytes) -> list[Any]:
    """All matches, empty ones beside another left out, as Go finds them."""
    found, last_end = [], -1
    for match in pattern.finditer(data):
        if not match.start() == match.end() == last_end:
            found.append(match)
            last_end = match.end()
    return found


class PatternFields:
    """The stage at work.

    Raises:
        BadInput: Two captures have nothing between them.
    """

    def __init__(self, config: PatternStage) -> None:
        self._source = config.source
        self._sets_labels = config.labels_from_groups
        parts = _CAPTURE.split(config.pattern)
        self._start, self._names, self._ends = parts[0], parts[1::2], parts[2::2]
        if "" in self._ends[:-1]:
            raise BadInput(f"consecutive captures in pattern {config.pattern!r}")

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Extract values."""
        for entry in entries:
            text = input_of(entry, self._source)
            found = {} if text is None else self.captured(text)
            entry.extracted.update(found)
            if self._sets_labels:
                entry.labels.update(found)
        return entries

    def captured(self, text: str) -> dict[str, str]:
        """What the captures take of a text, as far as it fits."""
        found: dict[str, str] = {}
        if not text.startswith(self._start):
            return found
        at = len(self._start)
        for name, end in zip(self._names, self._ends, strict=True):
            stop = text.find(end, at) if end else len(text)
            if name != "_":
                found[name] = text[at:] if stop < 0 else text[at:stop]
            if stop < 0:
                break
            at = stop + len(end)
        return found
