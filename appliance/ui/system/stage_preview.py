"""What the stages of a promtail job make of some lines, step by step.

Invariants: nothing is sent or counted anywhere; at most `MOST_LINES` lines of `LINE_CHARS` are
looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.load import load_text
from appliance.config.problem import has_errors
from appliance.ingest.tail.config import PromtailConfig
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.stage_trace import Effect, Out, Released, Tracer, shown_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.ingest.tail.stage_config import Stage
    from appliance.ingest.tail.stage_trace import Change, Step

MOST_LINES, LINE_CHARS = 20, 4096
_MOST_STAGE_CHARS = 64 << 10
_SHOWN_CHARS = 300
#: What stands before stages in a document of their own.
_BEFORE, _INDENT = ("scrape_configs:", "- job_name: preview", "  pipeline_stages:"), 4


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What a stage changed; `sign` is `+`, `-` or `~`."""

    sign: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """What one stage did with a line.

    Attributes:
        outcome: Empty when the line went on; else `dropped`, `held back` or `comes out`.
    """

    stage: str
    outcome: str
    changes: tuple[ChangeRow, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry that would be stored."""

    time: str
    labels: tuple[tuple[str, str], ...]
    metadata: tuple[tuple[str, str], ...]
    tenant: str
    line: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line, what happened to it, and the entries that came out meanwhile."""

    line: str
    steps: tuple[StepRow, ...]
    entries: tuple[EntryRow, ...]


def read_stages(text: str) -> tuple[Stage, ...]:
    """Stages from YAML, a list as in `pipeline_stages`.

    Raises:
        BadInput: It cannot be used; the text names line and column within the list.
    """
    if len(text) > _MOST_STAGE_CHARS:
        raise BadInput(f"stages take more than {_MOST_STAGE_CHARS >> 10} KiB")
    indented = (" " * _INDENT + line for line in text.splitlines())
    document = "\n".join([*_BEFORE, *indented])
    decoded = load_text(PromtailConfig, document, file="stages")
    if decoded.value is None or has_errors(decoded.problems):
        first = decoded.problems[0]
        line, column = first.line - len(_BEFORE), first.column - _INDENT
        where = f"line {max(1, line)}, column {max(1, column)}: "
        hint = f"; {first.hint}" if first.hint else ""
        raise BadInput(f"{where}{first.message}{hint}")
    return decoded.value.scrape_configs[0].pipeline_stages


def preview(
    stages: Sequence[Stage], lines: Iterable[str], labels: Mapping[str, str], now_ns: int
) -> list[LineRow]:
    """Send lines through stages, one after the other; what was held back comes out at the end.

    Raises:
        BadInput: A stage cannot work as it is configured.
    """
    from appliance.ingest.tail.stages.pipeline import Pipeline  # noqa: PLC0415 - re2, jmespath

    tracer = Tracer(Pipeline(stages, "preview").stages)
    rows = []
    for number, line in enumerate(lines):
        if number >= MOST_LINES:
            break
        entry = Entry(dict(labels), now_ns + number, line[:LINE_CHARS], origins=(number,))
        rows.append(_row(line[:LINE_CHARS], tracer.trace(entry)))
    rest = list(tracer.finish())
    if rest:
        rows.append(_row("", rest))
    return rows


def _row(line: str, steps: Iterable[Step]) -> LineRow:
    done: list[StepRow] = []
    entries: list[EntryRow] = []
    for step in steps:
        match step:
            case Effect(stage=stage, changes=changes, outcome=outcome):
                done.append(StepRow(stage, outcome, tuple(map(_change, changes))))
            case Released(stage=stage):
                done.append(StepRow(stage, "comes out"))
            case Out(entry=entry):
                entries.append(_entry(entry))
    return LineRow(line, tuple(done), tuple(entries))


def _change(change: Change) -> ChangeRow:
    what, before, after = change
    sign = "+" if before is None else "-" if after is None else "~"
    return ChangeRow(sign, what, _short(before), _short(after))


def _entry(entry: Entry) -> EntryRow:
    return EntryRow(
        shown_time(entry.time_ns),
        tuple(sorted(entry.labels.items())),
        tuple(sorted(entry.metadata.items())),
        entry.tenant,
        entry.line,
    )


def _short(text: str | None) -> str:
    shown = text or ""
    return shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}…"
