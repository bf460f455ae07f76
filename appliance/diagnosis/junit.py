"""Findings for build servers: the XML that JUnit made and others read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from appliance.config.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.config.problem import Problem

#: What XML 1.0 has no place for.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(problems: Sequence[Problem], files: Iterable[str] = ()) -> bytes:
    """A test per file; errors and warnings are failures, remarks are its output.

    Args:
        files: Those that were judged, so that good ones are tests that passed.
    """
    names = list(dict.fromkeys([*files, *(problem.file for problem in problems)]))
    cases = [_case(name, [one for one in problems if one.file == name]) for name in names]
    failed = sum("<failure" in case for case in cases)
    head = f'<testsuite name="appliance check" tests="{len(cases)}" failures="{failed}">'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>"]
    return "\n".join(lines).encode()


def _case(name: str, problems: list[Problem]) -> str:
    head = f'  <testcase classname="appliance check" name={quoteattr(_clean(name))}'
    if not problems:
        return f"{head}/>"
    parts = [f"{head}>"]
    for problem in problems:
        text = escape(_clean(problem.render()))
        if problem.severity is Severity.INFO:
            parts.append(f"    <system-out>{text}</system-out>")
            continue
        message = quoteattr(_clean(problem.message))
        parts.append(f'    <failure type="{problem.code}" message={message}>{text}</failure>')
    return "\n".join([*parts, "  </testcase>"])


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
