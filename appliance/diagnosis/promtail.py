"""promtail stages that are valid and yet do not fit the lines they are for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.base.re2 import NO_SPAN, Pattern
from appliance.config.problem import Problem, Severity
from appliance.ingest.tail.stage_config import walk_stages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.config.load import Decoded
    from appliance.ingest.tail.config import PromtailConfig, TailConfig
    from appliance.ingest.tail.stage_config import RegexStage

#: A line in the combined format, nginx's usual one.
SAMPLE = (
    '203.0.113.9 - - [10/Oct/2025:13:55:36 +0000] "GET /api/v1/nanos?q=a HTTP/1.1" 200 512'
    ' "https://example.org/" "Mozilla/5.0"'
)
#: What takes it apart: names of groups -> how they are found.
COMBINED = r'^(?P<ip>\S+) \S+ \S+ \[[^\]]+\] "(?P<method>\S+) (?P<path>\S+)[^"]*" (?P<status>\d{3})'
_ACCESS_LOG = re.compile(r"nginx.*access|access.*\.log|apache")
#: What such a group has to look like; other names are not judged.
_SHAPES = {
    "method": re.compile(r"[A-Z]+"),
    "path": re.compile(r"/.*"),
    "uri": re.compile(r"/.*"),
    "status": re.compile(r"\d{3}"),
    "status_code": re.compile(r"\d{3}"),
}
#: Labels with a value of their own for nearly every line.
_UNBOUNDED = frozenset(
    ("path", "uri", "url", "ip", "remote_addr", "user_id", "request_id", "trace_id", "span_id",
     "session_id", "timestamp", "time", "message", "msg")
)  # fmt: skip


def lint_promtail(decoded: Decoded[PromtailConfig]) -> list[Problem]:
    """Warnings about the stages of all jobs."""
    found: list[Problem] = []
    for job in decoded.value.scrape_configs if decoded.value else ():
        found += _format_problems(decoded, job)
        found += _label_problems(decoded, job)
    return found


def misread(expression: str) -> dict[str, str]:
    """Groups of an expression that do not get what they are called from the sample line."""
    pattern = Pattern(expression)
    data = SAMPLE.encode()
    spans = pattern.spans(data, 0, len(data))
    if spans[0] == NO_SPAN:
        return {}
    numbers = pattern.group_numbers()
    values = {name: data[slice(*spans[number])].decode() for name, number in numbers.items()}
    return {
        name: value
        for name, value in values.items()
        if name in _SHAPES and not _SHAPES[name].fullmatch(value)
    }


def _format_problems(decoded: Decoded[PromtailConfig], job: TailConfig) -> Iterator[Problem]:
    paths = [static.labels.get("__path__", "") for static in job.static_configs]  # type: ignore[call-overload]  # a name is a str
    if not any(_ACCESS_LOG.search(path) for path in paths):
        return
    for stage in walk_stages(job.pipeline_stages):
        regex: RegexStage | None = stage.regex
        if regex is None or regex.source:
            continue
        wrong = misread(regex.expression)
        if wrong:
            shown = ", ".join(f"{name}={value!r}" for name, value in sorted(wrong.items()))
            message = f"on lines in nginx's usual format the expression gives {shown}"
            place = decoded.origin(regex, "expression")
            hint = f"write '{COMBINED}'"
            yield Problem(*place, "", message, "log-format", Severity.WARNING, hint)


def _label_problems(decoded: Decoded[PromtailConfig], job: TailConfig) -> Iterator[Problem]:
    for stage in walk_stages(job.pipeline_stages):
        for name in stage.labels or {}:
            if name in _UNBOUNDED:
                message = f"label {name!r} has many values, and each makes a stream of its own"
                hint = f"put {name} under structured_metadata: instead of labels:"
                place = decoded.origin(stage, ("labels", name))
                yield Problem(*place, "", message, "label-values", Severity.WARNING, hint)
