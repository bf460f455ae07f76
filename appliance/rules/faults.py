"""Which part of a rule file a finding breaks: a rule, a group, or the whole file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.config.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.config.problem import Problem

_PLACE = re.compile(r"(groups\[\d+\])(\.rules\[\d+\])?")


@dataclass(slots=True)
class Faults:
    """The first finding of each part that is broken, as text, by the part's path."""

    file: str = ""
    parts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Faults:
        """What errors break; warnings break nothing."""
        found = cls()
        for problem in problems:
            if problem.severity is not Severity.ERROR:
                continue
            match = _PLACE.match(problem.path)
            if match is None:
                found.file = found.file or text_of(problem)
            else:
                found.parts.setdefault(match[0], text_of(problem))
        return found

    def of_rule(self, path: str) -> str:
        """Why a rule cannot be used; empty when it can."""
        return self.parts.get(path.partition(".")[0], "") or self.parts.get(path, "")


def text_of(problem: Problem) -> str:
    """A finding in one line, with its place."""
    return f"{problem.file}:{problem.line}:{problem.column}: {problem.message}"
