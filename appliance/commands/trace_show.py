"""`appliance trace show`: a trace of a running server, ours or a Tempo."""

from __future__ import annotations

import re
import sys
from typing import Any

import click

from appliance.commands.options import addr

EXIT_UNKNOWN = 1
_TRACE_ID = re.compile(r"[0-9a-fA-F]{1,32}")


def read_trace_id(context: click.Context, parameter: click.Parameter, text: str) -> str:
    """A trace id as Tempo takes it.

    Raises:
        click.BadParameter: Not one.
    """
    if _TRACE_ID.fullmatch(text):
        return text
    group = context.parent.command if context.parent else None
    names = ", ".join(group.list_commands(context)) if isinstance(group, click.Group) else "show"
    message = f"{text!r} is no trace id, which has up to 32 hexadecimal digits (commands: {names})"
    raise click.BadParameter(message, context, parameter)


@click.command()
@click.argument("trace_id", metavar="ID", callback=read_trace_id)
@addr("http://127.0.0.1:3200", "Address.")
@click.option("-o", "--output", type=click.Choice(["tree", "json"]), help="tree; json when piped.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1), help="Lines.")
@click.option("--attributes", "has_attributes", is_flag=True, help="Show the spans' attributes.")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
def show(trace_id: str, **options: Any) -> None:
    """Show a trace: services, durations, events and the critical path.

    Exit codes: 0, 1 no such trace, 2 error.
    """
    import json  # noqa: PLC0415 - only when it is run

    from appliance.base.clock import SystemClock  # noqa: PLC0415
    from appliance.base.errors import ApplianceError  # noqa: PLC0415
    from appliance.commands import trace_query, trace_tree  # noqa: PLC0415
    from appliance.commands.client import fail  # noqa: PLC0415

    clock = SystemClock()
    form = options["output"] or ("tree" if sys.stdout.isatty() else "json")
    found: Any = None
    try:
        if form == "json":
            found = trace_query.trace_json(trace_id, options, clock)
        else:
            found = trace_query.trace_groups(trace_id, options, clock)
    except ApplianceError as error:
        fail(error.message)
    if not found:
        click.echo(f"appliance: there is no trace {trace_id} at {options['addr']}", err=True)
        sys.exit(EXIT_UNKNOWN)
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        has_attributes = options["has_attributes"]
        trace_tree.print_tree(found, limit=options["limit"], has_attributes=has_attributes)
