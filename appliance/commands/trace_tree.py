"""A trace in the terminal: a line for each span below its parent, on one scale of time.

Thick parts of the bars are the critical path: what the root waits for at each instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.log_output import shown_time
from appliance.commands.visible import visible
from appliance.traces.critical_path import critical_path, time_on_path
from appliance.traces.trace import (
    TraceSpan,
    by_time,
    children_of,
    parents_of,
    read_span,
    service_of,
)
from appliance.ui.format import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console
    from rich.text import Text

    from appliance.traces.critical_path import Section

_OK, _ERROR = 1, 2
_STATUSES = {_OK: ("ok", "green"), _ERROR: ("error", "bold red")}
_COLOURS = ["cyan", "green", "yellow", "blue", "magenta", "bright_cyan", "bright_green"]
#: Columns right of the tree, besides the bar: duration, status, blanks between them.
_FIGURES = 18
_THIN, _THICK = "─", "━"
_SHOWN_SERVICES = 5
_NO_SERVICE = "(no service)"


@dataclass(frozen=True, slots=True)
class _Line:
    """A span and what stands left of it.

    Attributes:
        place: In the list of spans.
        guide: Before its own text; `below` before that of its events.
    """

    place: int
    guide: str
    below: str


@dataclass(frozen=True, slots=True)
class _Tree:
    """A trace, ready to be shown.

    Attributes:
        spans, messages: In the same order, ascending by start.
        parents: -1 where there is none.
        sections: The critical path.
        start_ns, length_ns: Of the whole trace.
    """

    spans: Sequence[TraceSpan]
    messages: Sequence[Any]
    parents: Sequence[int]
    sections: Sequence[Section]
    start_ns: int
    length_ns: int
    colours: dict[str, str]


def print_tree(groups: Iterable[Any], *, limit: int, has_attributes: bool) -> None:
    """Print a trace.

    Args:
        groups: OTLP's ResourceSpans messages, with one span at least.
        limit: How many spans to show.
        has_attributes: Whether to show those of the spans, too.
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import

    console = Console(highlight=False, soft_wrap=True)
    tree = _read(groups)
    _print_head(console, tree)
    bar_width = max(10, min(60, console.width // 3))
    tree_width = max(20, console.width - _FIGURES - bar_width)
    by_span: dict[int, list[Section]] = {}
    for section in tree.sections:
        by_span.setdefault(section.span, []).append(section)
    shown = 0
    for line in _lines(tree.parents, tree_width // 2):
        if shown == limit:
            break
        text = _span_line(tree, line, tree_width)
        sections = by_span.get(line.place, [])
        console.print(text.append_text(_bar(tree, tree.spans[line.place], sections, bar_width)))
        for text in _details(tree, line, has_attributes=has_attributes):
            text.truncate(console.width, overflow="ellipsis")
            console.print(text)
        shown += 1
    if shown < len(tree.spans):
        click.echo(f"{shown:,} of {len(tree.spans):,} spans are shown (--limit)", err=True)
    _print_path(console, tree)


def _read(groups: Iterable[Any]) -> _Tree:
    rows: list[tuple[TraceSpan, Any]] = []
    for group in groups:
        service = service_of(group.resource)
        rows += [
            (read_span(span, service), span)
            for scoped in group.scope_spans
            for span in scoped.spans
        ]
    rows.sort(key=lambda row: by_time(row[0]))
    spans = [span for span, _ in rows]
    services = dict.fromkeys(span.service for span in spans)
    start = min((span.start_ns for span in spans), default=0)
    return _Tree(
        spans,
        [message for _, message in rows],
        parents_of(spans),
        critical_path(spans),
        start,
        max((span.end_ns for span in spans), default=start) - start,
        {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(services)},
    )


def _print_head(console: Console, tree: _Tree) -> None:
    from rich.text import Text  # noqa: PLC0415

    root = next(place for place, parent in enumerate(tree.parents) if parent < 0)
    errors = sum(span.is_error for span in tree.spans)
    span = tree.spans[root]
    console.print(Text(visible(f"{span.service}: {span.name}"), "bold"))
    figures = [
        f"trace {tree.messages[root].trace_id.hex()}",
        shown_time(tree.start_ns),
        duration(tree.length_ns),
        _counted(len(tree.spans), "span"),
        _counted(len(tree.colours), "service"),
    ]
    text = Text().append("  ".join(figures), "dim")
    if errors:
        text.append(f"  {_counted(errors, 'error')}", "red")
    console.print(text)
    console.print()


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _lines(parents: Sequence[int], most_indent: int) -> Iterator[_Line]:
    """Spans in the order in which a tree shows them; very deep ones are indented no further."""
    children = children_of(parents)
    roots = [place for place, parent in enumerate(parents) if parent < 0]
    waiting = [_Line(place, "", "") for place in reversed(roots)]
    while waiting:
        line = waiting.pop()
        below = children[line.place]
        yield _Line(line.place, line.guide, line.below + ("│ " if below else "  "))
        indent = line.below[-most_indent:]
        waiting += [
            _Line(place, indent + ("└─" if is_last else "├─"), indent + ("  " if is_last else "│ "))
            for place, is_last in zip(reversed(below), [True] + [False] * len(below), strict=False)
        ]


def _span_line(tree: _Tree, line: _Line, width: int) -> Text:
    from rich.text import Text  # noqa: PLC0415

    span, message = tree.spans[line.place], tree.messages[line.place]
    text = Text().append(line.guide, "dim")
    text.append(visible(span.service) or _NO_SERVICE, tree.colours[span.service])
    text.append(f"  {visible(span.name)}")
    if message.parent_span_id and tree.parents[line.place] < 0:
        text.append("  (its parent is missing)", "dim")
    text.truncate(width, overflow="ellipsis", pad=True)
    text.append(f" {duration(span.duration_ns):>9} ")
    status, colour = _STATUSES.get(message.status.code, ("", ""))
    text.append(f"{status:<6}", colour)
    return text


def _bar(tree: _Tree, span: TraceSpan, sections: Sequence[Section], width: int) -> Text:
    """Where the span is in the trace; its parts on the critical path are thick."""
    from rich.text import Text  # noqa: PLC0415

    cells = [" "] * width
    for start, end, cell in [
        (span.start_ns, span.end_ns, _THIN),
        *((one.start_ns, one.end_ns, _THICK) for one in sections),
    ]:
        first, last = _cells(tree, start, end, width)
        cells[first:last] = [cell] * (last - first)
    colour = "red" if span.is_error else tree.colours[span.service]
    return Text("".join(cells).rstrip(), colour)


def _cells(tree: _Tree, start_ns: int, end_ns: int, width: int) -> tuple[int, int]:
    """The cells of a stretch of time, at least one."""
    length = max(1, tree.length_ns)
    first = min(width - 1, (start_ns - tree.start_ns) * width // length)
    return first, max(first + 1, -(-(end_ns - tree.start_ns) * width // length))


def _details(tree: _Tree, line: _Line, *, has_attributes: bool) -> Iterator[Text]:
    """What stands below a span: why it failed, its attributes, its events."""
    from rich.text import Text  # noqa: PLC0415

    message = tree.messages[line.place]
    guide = Text(f"{line.below}  ", "dim")
    if message.status.message:
        yield Text.assemble(guide, (visible(f"! {message.status.message}"), "red"))
    if has_attributes:
        for pair in message.attributes:
            yield Text.assemble(guide, (_pairs([pair]), "dim"))
    for event in message.events:
        offset = duration(max(0, event.time_unix_nano - tree.start_ns))
        attributes = (_pairs(event.attributes), "dim")
        yield Text.assemble(guide, visible(f"· {offset}  {event.name}  "), attributes)


def _pairs(attributes: Iterable[Any]) -> str:
    from appliance.wire.otlp.values import to_text  # noqa: PLC0415

    return visible("  ".join(f"{one.key}={to_text(one.value)}" for one in attributes))


def _print_path(console: Console, tree: _Tree) -> None:
    """Who the time went to."""
    from rich.text import Text  # noqa: PLC0415

    totals: dict[str, int] = {}
    for place, time_ns in time_on_path(tree.sections).items():
        service = tree.spans[place].service
        totals[service] = totals.get(service, 0) + time_ns
    most = sorted(totals.items(), key=lambda row: -row[1])
    shown = [
        f"{visible(name) or _NO_SERVICE} {duration(time)}" for name, time in most[:_SHOWN_SERVICES]
    ]
    rest = sum(time for _, time in most[_SHOWN_SERVICES:])
    shown += [f"others {duration(rest)}"] if rest else []
    console.print()
    console.print(Text(f"{_THICK * 2} critical path: {', '.join(shown)}", "dim"))
