"""`appliance import`: samples from files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.options import addr

if TYPE_CHECKING:
    from appliance.base.clock import Clock
    from appliance.transfer.importing import Imported
    from appliance.transfer.sinks import Sink

EXIT_BAD_INPUT = 1
EXIT_FAILED = 2


@click.group("import")
def import_() -> None:
    """Bring in data from files."""


@import_.command()
@click.argument("file", type=click.Path(allow_dash=True))
@addr("http://127.0.0.1:9090")
@click.option("--data", metavar="DIR", help="Data directory of a server that is not running.")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
def openmetrics(file: str, **options: Any) -> None:
    """Import OpenMetrics text with timestamps; FILE may be - for standard input.

    Samples may be of any age and in any order; one that is already there stays as it is. Exit
    codes: 0, 1 a wrong line or refused samples, 2 server or directory not available.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.base.errors import ApplianceError, BadInput  # noqa: PLC0415
    from appliance.transfer.importing import Imported  # noqa: PLC0415

    clock, done = SystemClock(), Imported()
    began = clock.monotonic()
    try:
        sink = _sink(clock, **options)
        try:
            _run(file, sink, done)
        finally:
            sink.close()
    except BadInput as error:
        click.echo(error.message, err=True)
        if done.samples:
            click.echo(f"{done.samples} samples before that were imported", err=True)
        sys.exit(EXIT_BAD_INPUT)
    except (ApplianceError, OSError) as error:
        click.echo(f"appliance: {error}", err=True)
        sys.exit(EXIT_FAILED)
    seconds = clock.monotonic() - began
    exemplars = f" and {done.exemplars} exemplars" if done.exemplars else ""
    click.echo(
        f"imported {done.samples} samples{exemplars} of {done.series} series in {seconds:.1f} s"
    )


def _sink(
    clock: Clock, *, addr: str, data: str | None, tenant: str | None, token: str | None
) -> Sink:
    from appliance.transfer.session import Session  # noqa: PLC0415
    from appliance.transfer.sinks import RemoteSink, StoreSink  # noqa: PLC0415

    if data is not None:
        return StoreSink(Path(data), clock, tenant=tenant or "anonymous")
    return RemoteSink(Session(addr, clock, tenant=tenant, token=token))


def _run(file: str, sink: Sink, done: Imported) -> None:
    from appliance.transfer.importing import import_all  # noqa: PLC0415
    from appliance.transfer.progress import Bar  # noqa: PLC0415
    from appliance.transfer.reader import OpenMetricsReader  # noqa: PLC0415

    total = None if file == "-" else Path(file).stat().st_size
    with click.open_file(file, "rb") as stream, Bar("importing", total) as bar:
        reader = OpenMetricsReader(stream, "stdin" if file == "-" else file)
        import_all(
            reader,
            sink,
            done=done,
            progress=lambda now: bar.show(now.bytes, f"{now.samples:,} samples"),
        )
