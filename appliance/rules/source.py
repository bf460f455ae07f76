"""Rule files as Prometheus reads them: one document, list items without a value left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from appliance.config.document import read
from appliance.config.load import Decoded, load_text
from appliance.config.problem import Problem, Severity
from appliance.config.report import Report
from appliance.rules.config import RuleFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: What is said of list items without a value, which go-yaml leaves out.
NULL_ITEM = "empty or null item in a list"


def load_rule_file(path: Path, variables: Mapping[str, str] | None = None) -> Decoded[RuleFile]:
    """Read and decode a rule file.

    Args:
        variables: What `${NAME}` stands for; None leaves it alone.
    """
    data, problems = read(path)
    if problems:
        return Decoded(None, problems, Report(str(path)))
    return load_rule_text(data, str(path), variables)


def load_rule_text(
    data: bytes, file: str, variables: Mapping[str, str] | None = None
) -> Decoded[RuleFile]:
    """The same with the file read."""
    first = first_document(data)
    decoded = load_text(RuleFile, first, file=file, variables=variables)
    problems = [_judged(problem) for problem in decoded.problems]
    if len(first) < len(data):
        line = first.count(b"\n") + 1
        message = "what follows is another document, which nobody reads"
        hint = "remove the line `---`, and `groups:` after it"
        problems.append(
            Problem(file, line, 1, "", message, "second-document", Severity.WARNING, hint)
        )
    return replace(decoded, problems=problems)


def _judged(problem: Problem) -> Problem:
    if problem.message == NULL_ITEM and problem.path.startswith("groups"):
        return replace(problem, severity=Severity.WARNING)
    return problem


def first_document(data: bytes) -> bytes:
    """A text up to the end of its first YAML document; all of it when it cannot be read."""
    if b"\n---" not in data:
        return data
    try:
        for event in yaml.parse(data, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.DocumentEndEvent) and event.start_mark is not None:
                return b"".join(data.splitlines(keepends=True)[: event.start_mark.line])
    except yaml.YAMLError:
        pass
    return data
