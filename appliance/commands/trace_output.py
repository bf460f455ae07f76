"""Answers to TraceQL queries on standard output: for eyes, for pipes, for other programs."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.log_output import shown_time
from appliance.commands.visible import visible
from appliance.ui.format import duration
from appliance.wire.numbers import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLUMNS = [
    "traceID", "startTimeUnixNano", "durationMs", "rootServiceName", "rootTraceName", "matched",
    "spans", "errors",
]  # fmt: skip

#: From so many columns on, times are shown in full.
_WIDE = 110


def print_traces(answer: Mapping[str, Any], form: str) -> None:
    """Print what a search found."""
    traces = answer.get("traces") or []
    if form == "json":
        click.echo(json.dumps(answer, indent=2))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for trace in traces:
            fields = [trace.get(name, "") for name in _COLUMNS[:5]]
            writer.writerow([*fields, _matched(trace), *_counts(trace)])
    elif form == "table":
        _print_table(traces)
    else:
        for trace in traces:
            click.echo(json.dumps(trace, ensure_ascii=False))


def _print_table(traces: list[dict[str, Any]]) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    table = Table(box=None, header_style="bold", pad_edge=False, collapse_padding=True)
    # What narrow terminals cut must not be the ids, which are wanted next.
    table.add_column("trace", no_wrap=True, min_width=32)
    table.add_column("start", no_wrap=True, min_width=14, style="dim")
    table.add_column("duration", no_wrap=True, min_width=8, justify="right")
    table.add_column("root", overflow="fold")
    table.add_column("spans", no_wrap=True, min_width=5, justify="right")
    table.add_column("err", no_wrap=True, min_width=3, justify="right")
    for trace in traces:
        service, name = trace.get("rootServiceName", ""), trace.get("rootTraceName", "")
        spans, errors = _counts(trace)
        started = shown_time(int(trace.get("startTimeUnixNano", 0)))
        table.add_row(
            trace["traceID"].zfill(32),
            started if console.width >= _WIDE else started[5:19],
            duration(trace.get("durationMs", 0) * 1e6),
            Text(visible(f"{service}: {name}")),
            f"{_matched(trace)}/{spans}",
            Text(str(errors), "red") if errors else "",
        )
    console.print(table)


def _matched(trace: Mapping[str, Any]) -> int:
    """Spans that the query found in a trace."""
    sets = trace.get("spanSets") or [trace.get("spanSet") or {}]
    return sum(one.get("matched", 0) for one in sets)


def _counts(trace: Mapping[str, Any]) -> tuple[int, int]:
    """Spans and errors of the whole trace."""
    services = (trace.get("serviceStats") or {}).values()
    counts = [(one.get("spanCount", 0), one.get("errorCount", 0)) for one in services]
    return sum(spans for spans, _ in counts), sum(errors for _, errors in counts)


def as_prometheus(answer: Mapping[str, Any], end_s: float) -> dict[str, Any]:
    """Series of Tempo in the form of Prometheus' API, which numbers are printed from.

    Args:
        end_s: The time of values that have none.
    """
    result: list[dict[str, Any]] = []
    is_range = False
    for series in answer.get("series") or []:
        labels = {one["key"]: _text(one.get("value") or {}) for one in series.get("labels") or []}
        points = [(int(one["timestampMs"]) / 1000, one) for one in series.get("samples") or []]
        if points:
            is_range = True
            values = [[time, _number(one)] for time, one in points]
            result.append({"metric": labels, "values": values})
        elif "samples" not in series:
            result.append({"metric": labels, "value": [end_s, _number(series)]})
    return {"resultType": "matrix" if is_range else "vector", "result": result}


def _number(holder: Mapping[str, Any]) -> str:
    """JSON of protobuf leaves out zeros and writes `"NaN"` and `"Infinity"`."""
    return format_value(float(holder.get("value", 0)))


def _text(value: Mapping[str, Any]) -> str:
    """An attribute's value, whatever its type; empty where there is none."""
    found = next(iter(value.values()), "")
    if isinstance(found, float):
        return format_value(found)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
