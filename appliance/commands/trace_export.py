"""`appliance trace export`: a trace to a file."""

from __future__ import annotations

import sys
from typing import Any

import click

from appliance.commands.options import addr

EXIT_BAD_INPUT = 1
EXIT_FAILED = 2
_FORMATS = ["jaeger", "otlp", "tempo", "zipkin"]


@click.command()
@click.argument("trace_id", metavar="ID")
@click.option("--format", "form", default="jaeger", show_default=True, type=click.Choice(_FORMATS),
              help="Whose JSON.")  # fmt: skip
@click.option("-o", "--output", default="-", metavar="FILE", help="Default: standard output.")
@addr("http://127.0.0.1:16686")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
def export(trace_id: str, *, form: str, output: str, **options: Any) -> None:
    """Export a trace as JSON, as `import` and the programs whose format it is read it.

    `otlp` and `tempo` keep everything; Jaeger's times are microseconds, Zipkin's tags texts. Exit
    codes: 0, 1 the trace is not there, 2 server not available.
    """
    from urllib.parse import quote  # noqa: PLC0415 - only when it is run

    from appliance.base.clock import SystemClock  # noqa: PLC0415
    from appliance.base.errors import ApplianceError, BadInput  # noqa: PLC0415
    from appliance.transfer.session import Session  # noqa: PLC0415

    try:
        session = Session(
            options["addr"], SystemClock(), tenant=options["tenant"], token=options["token"]
        )
        path = f"/api/ui/traces/{quote(trace_id, safe='')}/export"
        body = session.fetch(path, [("format", form)])
        with click.open_file(output, "wb") as file:
            file.write(body)
    except BadInput as error:
        click.echo(f"appliance: {error.message}", err=True)
        sys.exit(EXIT_BAD_INPUT)
    except (ApplianceError, OSError) as error:
        click.echo(f"appliance: {error}", err=True)
        sys.exit(EXIT_FAILED)
