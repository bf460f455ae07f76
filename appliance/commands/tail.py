"""`appliance tail`: log entries as they come."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.options import addr

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.transfer.logs.following import Followed
    from appliance.transfer.logs.rows import Row

_FORMS = ["table", "json", "ndjson", "raw", "csv"]


@click.command()
@click.argument("expr")
@addr("http://127.0.0.1:3100", "Address.")
@click.option("--from", "start", default="now-1m", show_default=True, metavar="TIME", help="Start.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(0),
              help="Entries of the past, at most.")  # fmt: skip
@click.option("--delay", default=0, show_default=True, type=click.IntRange(0, 5),
              help="Seconds to wait for late entries.")  # fmt: skip
@click.option("-o", "--output", type=click.Choice(_FORMS), help="table; ndjson when piped.")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
def tail(expr: str, **options: Any) -> None:
    """Show log entries as they come, until Ctrl-C.

    A lost connection is made again; no entry is shown twice. Exit codes: 0 stopped, 2 error.
    """
    import asyncio  # noqa: PLC0415 - only when it is run

    from appliance.base.errors import ApplianceError  # noqa: PLC0415
    from appliance.commands.client import fail  # noqa: PLC0415
    from appliance.commands.log_output import printer  # noqa: PLC0415
    from appliance.commands.refusal import with_excerpt  # noqa: PLC0415

    form = options["output"] or ("table" if sys.stdout.isatty() else "ndjson")
    try:
        what = _followed(expr, options)
        with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
            asyncio.run(_show(what, printer(form)))
    except ApplianceError as error:
        fail(with_excerpt(error.message, expr))


def _followed(expr: str, options: dict[str, Any]) -> Followed:
    from appliance.base.clock import SystemClock  # noqa: PLC0415
    from appliance.base.errors import BadInput  # noqa: PLC0415
    from appliance.commands.log_query import is_metric_query  # noqa: PLC0415
    from appliance.commands.times import parse_when_ns  # noqa: PLC0415
    from appliance.transfer.logs.following import Followed  # noqa: PLC0415

    if is_metric_query(expr):
        raise BadInput('this query gives numbers; give one that gives entries, such as {app="x"}')
    if not options["addr"].startswith(("http://", "https://")):
        raise BadInput(
            f"{options['addr']!r} is no address; write for example http://127.0.0.1:3100"
        )
    headers = {}
    if options["tenant"]:
        headers["X-Scope-OrgID"] = options["tenant"]
    if options["token"]:
        headers["Authorization"] = f"Bearer {options['token']}"
    start_ns = parse_when_ns(options["start"], SystemClock().now_ns())
    limit, delay = options["limit"], options["delay"]
    return Followed(options["addr"], expr, headers, start_ns, limit, delay)


async def _show(what: Followed, show: Callable[[Row], None]) -> None:
    from appliance.base.clock import SystemClock  # noqa: PLC0415
    from appliance.transfer.logs.following import follow  # noqa: PLC0415

    def tell(text: str) -> None:
        click.echo(f"appliance: {text}", err=True)

    async for rows in follow(what, SystemClock(), tell):
        for row in rows:
            show(row)
        sys.stdout.flush()
