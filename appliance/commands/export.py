"""`appliance export`: samples to files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.options import addr

if TYPE_CHECKING:
    from appliance.base.clock import Clock
    from appliance.transfer.exporting import Exported
    from appliance.transfer.origins import Origin

EXIT_BAD_INPUT = 1
EXIT_FAILED = 2
#: Before and after every sample: 2**52 milliseconds, which a float64 of seconds holds.
_EVER_MS = 1 << 52


@click.group()
def export() -> None:
    """Take data out into files."""


@export.command()
@click.option("--match", multiple=True, metavar="SELECTOR", help="Which series; default all.")
@click.option("--start", metavar="TIME", help="From when on (default: the first sample).")
@click.option("--end", metavar="TIME", help="Until when, included (default: the last sample).")
@click.option("-o", "--output", default="-", metavar="FILE", help="Default: standard output.")
@addr("http://127.0.0.1:9090")
@click.option("--data", metavar="DIR", help="Data directory of a server that is not running.")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
def metrics(*, match: tuple[str, ...], output: str, **options: Any) -> None:
    """Export metrics as OpenMetrics text with timestamps, as `import openmetrics` reads it.

    Times are `now`, `now-3h`, Unix seconds or RFC 3339. Native histograms have no form in this text
    and are left out. Exit codes: 0, 1 a wrong selector or a refused request, 2 server or directory
    not available.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.base.errors import ApplianceError, BadInput  # noqa: PLC0415

    clock = SystemClock()
    began = clock.monotonic()
    try:
        done = _run(match, output, clock, options)
    except BadInput as error:
        click.echo(f"appliance: {error.message}", err=True)
        sys.exit(EXIT_BAD_INPUT)
    except (ApplianceError, OSError) as error:
        click.echo(f"appliance: {error}", err=True)
        sys.exit(EXIT_FAILED)
    seconds = clock.monotonic() - began
    if done.histograms:
        click.echo(f"left out {done.histograms} native histograms", err=True)
    click.echo(
        f"exported {done.samples} samples of {done.series} series in {seconds:.1f} s", err=True
    )


def _run(match: tuple[str, ...], output: str, clock: Clock, options: dict[str, Any]) -> Exported:
    from appliance.promql.parser import parse_selector  # noqa: PLC0415
    from appliance.transfer.exporting import export_all  # noqa: PLC0415
    from appliance.transfer.progress import Bar  # noqa: PLC0415

    selectors = [parse_selector(text) for text in match]
    origin = _origin(clock, **options)
    try:
        with click.open_file(output, "wb") as file, Bar("exporting", 1.0) as bar:
            return export_all(
                origin,
                selectors,
                file,
                progress=lambda now: bar.show(
                    now.names / max(now.names_in_all, 1), f"{now.samples:,} samples"
                ),
            )
    finally:
        origin.close()


def _origin(clock: Clock, *, start: str | None, end: str | None, **options: Any) -> Origin:
    from appliance.commands.times import parse_when  # noqa: PLC0415
    from appliance.transfer.origins import RemoteOrigin, StoreOrigin  # noqa: PLC0415
    from appliance.transfer.session import Session  # noqa: PLC0415

    now = clock.now_ms() / 1000
    window = (
        round(parse_when(start, now) * 1000) if start else -_EVER_MS,
        round(parse_when(end, now) * 1000) if end else _EVER_MS,
    )
    tenant = options["tenant"]
    if options["data"] is not None:
        return StoreOrigin(Path(options["data"]), clock, window, tenant=tenant or "anonymous")
    session = Session(options["addr"], clock, tenant=tenant, token=options["token"])
    return RemoteOrigin(session, *window)
