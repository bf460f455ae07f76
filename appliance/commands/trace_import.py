"""`appliance trace import`: traces from files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.options import addr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.transfer.session import Session

EXIT_BAD_INPUT = 1
EXIT_FAILED = 2
_PATH = "/api/ui/traces/import"


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@addr("http://127.0.0.1:16686")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
def import_(files: tuple[str, ...], **options: Any) -> None:
    """Import traces from JSON files of Jaeger, OTLP, Tempo or Zipkin; FILE may be - for stdin.

    Which format a file has is found out. Spans that are already there are not stored again. Exit
    codes: 0, 1 a file that cannot be read or is refused, 2 server not available.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.base.errors import ApplianceError, BadInput  # noqa: PLC0415
    from appliance.transfer.session import Session  # noqa: PLC0415

    try:
        session = Session(
            options["addr"], SystemClock(), tenant=options["tenant"], token=options["token"]
        )
        _import(session, files)
    except BadInput as error:
        click.echo(f"appliance: {error.message}", err=True)
        sys.exit(EXIT_BAD_INPUT)
    except (ApplianceError, OSError) as error:
        click.echo(f"appliance: {error}", err=True)
        sys.exit(EXIT_FAILED)


def _import(session: Session, files: Sequence[str]) -> None:
    """Send the files, one request each.

    Raises:
        BadInput: The server refuses one; names it.
        Unavailable: There is no server.
        OSError: A file cannot be read.
    """
    import json  # noqa: PLC0415 - only when it is run

    from appliance.base.errors import BadInput  # noqa: PLC0415
    from appliance.transfer.progress import Bar  # noqa: PLC0415

    spans = traces = 0
    with Bar("importing", float(len(files))) as bar:
        for number, name in enumerate(files, start=1):
            with click.open_file(name, "rb") as file:
                body = file.read()
            headers = {"Content-Type": "application/json"}
            try:
                answer = json.loads(session.post(_PATH, body, headers))
            except BadInput as error:
                raise BadInput(f"{name}: {error.message}") from error
            spans, traces = spans + answer["spans"], traces + answer["trace_count"]
            if answer["rejected"]:
                click.echo(f"{name}: {answer['message']}", err=True)
            bar.show(number, f"{spans:,} spans")
    click.echo(f"imported {spans} spans of {traces} traces", err=True)
