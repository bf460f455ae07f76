"""Log entries on standard output: for eyes, for pipes, for other programs."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.transfer.logs.rows import Row

_LEVEL_COLOURS = {
    "critical": "magenta", "fatal": "magenta", "error": "red", "warn": "yellow", "info": "green",
    "debug": "blue", "trace": "cyan",
}  # fmt: skip
_LEVELS = ("detected_level", "level")


def common_labels(rows: Sequence[Row]) -> dict[str, str]:
    """Labels that all entries have with one value."""
    if not rows:
        return {}
    found = dict(rows[0].labels)
    for row in rows:
        labels = row.labels
        found = {name: value for name, value in found.items() if labels.get(name) == value}
    return found


def print_rows(rows: Sequence[Row], form: str) -> None:
    """Print entries as a whole."""
    if form == "json":
        import orjson  # noqa: PLC0415 - only for this form

        streams: dict[tuple[tuple[str, str], ...], list[list[str]]] = {}
        for row in rows:
            key = tuple(sorted(row.labels.items()))
            streams.setdefault(key, []).append([str(row.time_ns), row.line])
        found = [{"stream": dict(key), "values": values} for key, values in streams.items()]
        document = {"resultType": "streams", "result": found}
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    elif form == "csv":
        _print_csv(rows)
    else:
        common = common_labels(rows) if form == "table" else {}
        if common:
            click.echo(f"labels of all: {_shown(common)}", err=True)
        show = printer(form, common)
        for row in rows:
            show(row)


def printer(form: str, common: Mapping[str, str] | None = None) -> Callable[[Row], None]:
    """What prints one entry after the other.

    Args:
        common: Labels that need not be shown again.
    """
    if form == "raw":
        return lambda row: click.echo(row.line)
    if form in {"ndjson", "json"}:
        from appliance.transfer.logs.rows import write_row  # noqa: PLC0415 - only for this form

        return lambda row: click.echo(write_row(row), nl=False)
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        return lambda row: writer.writerow([row.time_ns, _shown(row.labels), row.line])
    hidden = common or {}
    return lambda row: click.echo(_for_eyes(row, hidden))


def shown_time(time_ns: int) -> str:
    """A time in UTC to the millisecond."""
    seconds, rest = divmod(time_ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest // 10**6:03d}"


def _for_eyes(row: Row, common: Mapping[str, str]) -> str:
    labels = row.labels
    level = next((labels[name] for name in _LEVELS if name in labels), "")
    shown = {name: value for name, value in labels.items() if name not in {*common, *_LEVELS}}
    parts = [
        click.style(shown_time(row.time_ns), dim=True),
        click.style(f"{level:5}", fg=_LEVEL_COLOURS.get(level)) if level else "",
        click.style(_shown(shown), dim=True) if shown else "",
        row.line,
    ]
    return "  ".join(part for part in parts if part)


def _shown(labels: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(labels.items()))


def _print_csv(rows: Sequence[Row]) -> None:
    """A column for each label."""
    names = sorted({name for row in rows for name in row.labels})
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["time", *names, "line"])
    for row in rows:
        labels = row.labels
        writer.writerow([row.time_ns, *(labels.get(name, "") for name in names), row.line])
