"""`appliance oncall`: who is on call, shifts of a rota, stand-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from appliance.commands.alerting.client import AlertmanagerClient, asking, is_json, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY_NS = 24 * 3600 * 10**9
_NOBODY = "(nobody)"


@click.group(invoke_without_command=True)
@click.pass_context
def oncall(context: click.Context) -> None:
    """On-call duty: who it is, now and next; shifts and stand-ins.

    Without a command: who is on call now.
    """
    if context.invoked_subcommand is None:
        context.invoke(now, addr="http://127.0.0.1:9093", token=None, output=None)


@oncall.command()
@asking
def now(**options: Any) -> None:
    """Show who is on call now, and which escalations go on. Exit codes: 0, 1 refused, 2 error."""
    found = AlertmanagerClient.of(options).get("/api/ui/oncall")
    if is_json(options):
        print_json(found)
        return
    _print_shifts(found["rotas"], "now")
    _print_escalations(found["escalations"])


@oncall.command("next")
@asking
def next_(**options: Any) -> None:
    """Show who is on call next. Exit codes: 0, 1 refused, 2 error."""
    found = AlertmanagerClient.of(options).get("/api/ui/oncall")
    if is_json(options):
        print_json([{"rota": one["name"], "next": one["next"]} for one in found["rotas"]])
        return
    _print_shifts(found["rotas"], "next")


@oncall.command()
@click.argument("rota")
@click.option("--from", "start", default="now", show_default=True, metavar="TIME", help="RFC 3339.")
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 400))
@asking
def show(rota: str, start: str, days: int, **options: Any) -> None:
    """Show the shifts of a rota. Exit codes: 0, 1 no such rota, 2 error."""
    from urllib.parse import quote  # noqa: PLC0415 - only when it is run

    from appliance.base.clock import SystemClock  # noqa: PLC0415
    from appliance.commands.times import parse_when_ns  # noqa: PLC0415

    start_ns = parse_when_ns(start, SystemClock().now_ns())
    given = [("start", str(start_ns)), ("end", str(start_ns + days * _DAY_NS))]
    path = f"/api/ui/oncall/rotas/{quote(rota, safe='')}"
    found = AlertmanagerClient.of(options).get(path, given)
    if is_json(options):
        print_json(found)
        return
    from appliance.commands.alerting import table  # noqa: PLC0415 - only when it is run

    rows = [
        [table.local(one["from"]), table.local(one["until"]), one["user"] or _NOBODY, one["source"]]
        for one in found["shifts"]
    ]
    table.print_table(("FROM", "UNTIL", "USER", "BY"), rows)


@oncall.group()
def override() -> None:
    """Stand-ins: list, add, remove."""


@override.command("ls")
@asking
def list_overrides(**options: Any) -> None:
    """List stand-ins that were entered here. Exit codes: 0, 1 refused, 2 error."""
    found = AlertmanagerClient.of(options).get("/api/ui/oncall/overrides")["overrides"]
    if is_json(options):
        print_json(found)
        return
    from appliance.commands.alerting import table  # noqa: PLC0415 - only when it is run

    rows = [
        [one["id"], one["rota"], one["user"] or _NOBODY, table.local(one["from"]),
         table.local(one["to"]), one["by"]]
        for one in found
    ]  # fmt: skip
    table.print_table(("ID", "ROTA", "USER", "FROM", "TO", "BY"), rows)


@override.command("add")
@click.argument("rota")
@click.argument("user")
@click.option("--from", "start", default="now", show_default=True, metavar="TIME", help="RFC 3339.")
@click.option("--to", metavar="TIME", help="RFC 3339; or --for.")
@click.option("--for", "lasting", metavar="DURATION", help="How long, such as 8h; or --to.")
@click.option("--by", metavar="NAME", help="Who enters it; default: the user's name.")
@asking
def add_override(rota: str, user: str, **options: Any) -> None:
    """Let USER stand in for whoever is on call by ROTA; prints its id. "" as USER is nobody.

    Exit codes: 0, 1 no such rota or user, 2 error.
    """
    from appliance.commands.alerting.silence import user_name  # noqa: PLC0415

    start, end = _span(options)
    document = {"rota": rota, "user": user, "from": start, "to": end}
    document["by"] = options["by"] or user_name()
    click.echo(AlertmanagerClient.of(options).post("/api/ui/oncall/overrides", document)["id"])


@override.command("rm")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@asking
def remove_override(ids: tuple[str, ...], **options: Any) -> None:
    """Take stand-ins back. Exit codes: 0, 1 no such stand-in, 2 error."""
    client = AlertmanagerClient.of(options)
    for one in ids:
        client.delete(f"/api/ui/oncall/overrides/{one}")


def _span(options: Mapping[str, Any]) -> tuple[str, str]:
    """Start and end as the API takes them."""
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.base.duration import parse_duration  # noqa: PLC0415
    from appliance.base.errors import BadInput  # noqa: PLC0415
    from appliance.commands.alerting import table  # noqa: PLC0415
    from appliance.commands.times import parse_when_ns  # noqa: PLC0415

    if bool(options["to"]) == bool(options["lasting"]):
        raise click.UsageError("write --to or --for")
    now_ns = SystemClock().now_ns()
    start_ns = parse_when_ns(options["start"], now_ns)
    if options["to"]:
        return table.at(start_ns), table.at(parse_when_ns(options["to"], now_ns))
    try:
        end_ns = start_ns + parse_duration(options["lasting"]) * 10**6
    except BadInput as error:
        raise click.BadParameter(error.message, param_hint="--for") from error
    return table.at(start_ns), table.at(end_ns)


def _print_shifts(rotas: list[Mapping[str, Any]], which: str) -> None:
    from appliance.commands.alerting import table  # noqa: PLC0415 - only when it is run

    rows = []
    for one in rotas:
        shift = one[which]
        if shift is None:
            rows.append([one["name"], "(the same)", "", "", ""])
            continue
        until = table.local(shift["until"]) if shift["until"] else ""
        since = table.local(shift["from"])
        rows.append([one["name"], shift["user"] or _NOBODY, since, until, shift["source"]])
    if rows:
        table.print_table(("ROTA", "USER", "FROM", "UNTIL", "BY"), rows)
    else:
        click.echo("no rotas; set oncall to a file of rotas and policies", err=True)


def _print_escalations(found: list[Mapping[str, Any]]) -> None:
    if not found:
        return
    from appliance.commands.alerting import table  # noqa: PLC0415 - only when it is run

    rows = []
    for one in found:
        paged = [target["user"] or target["receiver"] for page in one["pages"]
                 for target in page["targets"]]  # fmt: skip
        due = table.local(one["next_at"]) if one["next_at"] else ""
        state = one["state"]
        rows.append([one["policy"], state, ",".join(dict.fromkeys(paged)), due, one["group_key"]])
    click.echo()
    table.print_table(("POLICY", "STATE", "PAGED", "NEXT", "GROUP"), rows)
