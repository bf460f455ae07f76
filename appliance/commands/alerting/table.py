"""Tables and times for terminals; what others wrote is made harmless."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from appliance.commands.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Cells that are longer are cut.
_WIDEST = 70
_UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns, the last one as long as it likes."""
    shown = [head, *[[visible(cell) for cell in row] for row in rows]]
    cut = [[cell if len(cell) <= _WIDEST else cell[: _WIDEST - 1] + "…" for cell in row[:-1]]
           for row in shown]  # fmt: skip
    widths = [max(len(cell) for cell in column) for column in zip(*cut, strict=True)]
    for number, (cells, row) in enumerate(zip(cut, shown, strict=True)):
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        line = "  ".join([*padded, row[-1]]).rstrip()
        click.echo(click.style(line, bold=True) if number == 0 else line)


def pairs(labels: Mapping[str, str], *without: str) -> str:
    """`a=b c=d`, names in `without` left out."""
    return " ".join(f"{name}={value}" for name, value in labels.items() if name not in without)


def parse(text: str) -> datetime:
    """A time of the API."""
    return datetime.fromisoformat(text)


def span(seconds: float) -> str:
    """Two units at most: `2d3h`, `5m12s`."""
    rest, parts = int(abs(seconds)), []
    for unit, size in _UNITS:
        if rest >= size:
            parts.append(f"{rest // size}{unit}")
            rest %= size
    return "".join(parts[:2]) or "0s"


def since(text: str, now: datetime) -> str:
    """How long ago a time was, or `in 5m` when it is yet to come."""
    seconds = (now - parse(text)).total_seconds()
    return span(seconds) if seconds >= 0 else f"in {span(seconds)}"


def local(text: str) -> str:
    """A time of the API on this machine's clock."""
    return f"{parse(text).astimezone():%Y-%m-%d %H:%M:%S}"


def at(nanoseconds: int) -> str:
    """Nanoseconds since the epoch as the API writes a time."""
    moment = datetime.fromtimestamp(nanoseconds / 1e9, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
