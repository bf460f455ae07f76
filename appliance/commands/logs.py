"""`appliance logs`: log entries to and from files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from appliance.commands.options import addr

if TYPE_CHECKING:
    from appliance.base.clock import Clock
    from appliance.base.errors import ApplianceError
    from appliance.transfer.logs.exporting import Exported
    from appliance.transfer.logs.importing import Imported
    from appliance.transfer.session import Session

EXIT_BAD_INPUT = 1
EXIT_FAILED = 2
_FORMATS = ["auto", "ndjson", "text"]


@click.group()
def logs() -> None:
    """Export and import log entries."""


@logs.command()
@click.argument("expr")
@click.option("--from", "start", required=True, metavar="TIME", help="Start.")
@click.option("--to", "end", default="now", show_default=True, metavar="TIME", help="End.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Default: standard output.")
@click.option("--batch", default=5000, show_default=True, type=click.IntRange(1),
              help="Entries to ask for at once.")  # fmt: skip
@addr("http://127.0.0.1:3100")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
def export(expr: str, **options: Any) -> None:
    """Export all entries of a log query as JSON lines, ordered by time, as `import` reads them.

    Times are `now`, `now-3h`, Unix seconds or nanoseconds, or RFC 3339; the end is not included.
    Exit codes: 0, 1 a refused query, 2 server not available.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.base.errors import ApplianceError  # noqa: PLC0415

    clock = SystemClock()
    began = clock.monotonic()
    try:
        done = _export(expr, clock, options)
    except (ApplianceError, OSError) as error:
        _end(error, expr)
    seconds = clock.monotonic() - began
    click.echo(f"exported {done.entries} entries in {seconds:.1f} s", err=True)


def _export(expr: str, clock: Clock, options: dict[str, Any]) -> Exported:
    from appliance.commands.times import parse_when_ns  # noqa: PLC0415
    from appliance.transfer.logs.exporting import export_all  # noqa: PLC0415
    from appliance.transfer.logs.pages import Selection  # noqa: PLC0415
    from appliance.transfer.progress import Bar  # noqa: PLC0415

    now = clock.now_ns()
    start, end = (parse_when_ns(options[name], now) for name in ("start", "end"))
    wanted = Selection(expr, start, end, page=options["batch"])
    with click.open_file(options["output"], "wb") as file, Bar("exporting", 1.0) as bar:
        return export_all(
            _session(clock, options),
            wanted,
            file,
            progress=lambda now: bar.show(now.ratio, f"{now.entries:,} entries"),
        )


@logs.command("import")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--labels", multiple=True, metavar="NAME=VALUE", help="Set on all; repeatable.")
@click.option("--format", "form", default="auto", show_default=True, type=click.Choice(_FORMATS),
              help="ndjson as export writes it, or plain text.")  # fmt: skip
@addr("http://127.0.0.1:3100")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
def import_(file: str, *, labels: tuple[str, ...], form: str, **options: Any) -> None:
    """Import entries from JSON lines or plain text; FILE may be - for standard input.

    Lines of plain text get the time of the import. Entries that are already there are not stored
    again. Exit codes: 0, 1 a wrong line or refused entries, 2 server not available.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.base.errors import ApplianceError  # noqa: PLC0415
    from appliance.transfer.logs.importing import Imported, Reading  # noqa: PLC0415

    clock, done = SystemClock(), Imported()
    began = clock.monotonic()
    is_text = None if form == "auto" else form == "text"
    name = "stdin" if file == "-" else file
    how = Reading(name, dict(map(_label, labels)), clock.now_ns(), is_text=is_text)
    try:
        _import(file, how, _session(clock, options), done)
    except (ApplianceError, OSError) as error:
        if done.entries:
            click.echo(f"{done.entries} entries before that were imported", err=True)
        _end(error)
    seconds = clock.monotonic() - began
    click.echo(f"imported {done.entries} entries in {seconds:.1f} s", err=True)


def _import(file: str, how: Any, session: Session, done: Imported) -> None:
    from appliance.transfer.logs.importing import import_all, read_rows  # noqa: PLC0415
    from appliance.transfer.progress import Bar  # noqa: PLC0415

    total = None if file == "-" else Path(file).stat().st_size
    with click.open_file(file, "rb") as stream, Bar("importing", total) as bar:
        import_all(
            session,
            read_rows(stream, how),
            done,
            progress=lambda now: bar.show(now.bytes, f"{now.entries:,} entries"),
        )


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} is no label; write NAME=VALUE", param_hint="--labels")
    return name, value


def _session(clock: Clock, options: dict[str, Any]) -> Session:
    from appliance.transfer.session import Session  # noqa: PLC0415

    tenant, token = options["tenant"], options["token"]
    return Session(options["addr"], clock, tenant=tenant, token=token, is_patient=True)


def _end(error: ApplianceError | OSError, expr: str = "") -> NoReturn:
    """Say what went wrong and end with the exit code for it."""
    from appliance.base.errors import BadInput, LimitExceeded  # noqa: PLC0415
    from appliance.commands.refusal import with_excerpt  # noqa: PLC0415

    click.echo(f"appliance: {with_excerpt(str(error), expr)}", err=True)
    sys.exit(EXIT_BAD_INPUT if isinstance(error, BadInput | LimitExceeded) else EXIT_FAILED)
