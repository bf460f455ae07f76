"""What is wrong in a configuration file, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(Enum):
    """Whether a finding stops the file from being used; `info` is what could be better."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    Attributes:
        file: As the user named it; `--set KEY` or `env NAME` for values that come from no file.
        line, column: From 1; 0 when the whole file is meant.
        path: Where in the structure, such as `scrape_configs[0].job_name`; empty at the top.
        message: What is wrong, lower case.
        code: Stable name of the kind of finding, such as `unknown-key`.
        hint: What would be right; empty when the message says it all.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    code: str
    severity: Severity = Severity.ERROR
    hint: str = ""

    def render(self) -> str:
        """`file:line:col: error[code]: path: message`, and a help line if there is a hint."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        subject = f"{self.path}: " if self.path else ""
        text = f"{place}: {self.severity.value}[{self.code}]: {subject}{self.message}"
        return f"{text}\n  help: {self.hint}" if self.hint else text

    def as_json(self) -> dict[str, str | int]:
        """The finding as a JSON object; all keys are always present."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "severity": self.severity.value,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any finding is more than a warning."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def render_errors(problems: Iterable[Problem]) -> str:
    """What keeps a file from being used, one finding below another; warnings are left out."""
    return "\n".join(problem.render() for problem in problems if problem.severity is Severity.ERROR)
