"""`appliance notify`: notifications that were sent, and those to try."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.alerting.client import (
    EXIT_REFUSED,
    AlertmanagerClient,
    asking,
    is_json,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = ("attempt", "notified", "failed", "fallback")
_SHOWN = ("method", "url", "headers", "body", "status", "answer", "error", "seconds")


@click.group()
def notify() -> None:
    """Notifications: list, show and repeat them, try a receiver."""


@notify.command("ls")
@click.option("--receiver", metavar="NAME", help="Only to this receiver.")
@click.option("--failed", is_flag=True, help="Only what was not delivered.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 5000),
              help="How many, the latest.")  # fmt: skip
@asking
def ls(**options: Any) -> None:
    """List notifications and attempts, the latest last.

    Exit codes: 0, 1 refused, 2 error.
    """
    kinds = ("failed", "fallback") if options["failed"] else _KINDS
    given = [("kind", kind) for kind in kinds] + [("limit", str(options["limit"]))]
    if options["receiver"]:
        given.append(("receiver", options["receiver"]))
    found = AlertmanagerClient.of(options).get("/api/ui/alerts/events", given)
    events = found["events"][::-1]
    if is_json(options):
        print_json(events)
        return
    from appliance.commands.alerting import table, timeline  # noqa: PLC0415 - only when it is run

    if events:
        table.print_table(("TIME", "ID", "EVENT", "WHAT"), timeline.rows(events))
    else:
        click.echo("no notifications", err=True)


@notify.command()
@click.argument("number", metavar="ID", type=int)
@asking
def show(number: int, **options: Any) -> None:
    """Show an event of the record; of an attempt the request and its answer.

    Exit codes: 0, 1 no such event, 2 error.
    """
    found = AlertmanagerClient.of(options).get(f"/api/ui/alerts/events/{number}")
    if is_json(options):
        print_json(found)
        return
    from appliance.commands.alerting import table, timeline  # noqa: PLC0415 - only when it is run

    event = found["event"]
    table.print_table(("TIME", "ID", "EVENT", "WHAT"), timeline.rows([event]))
    click.echo()
    _print_fields(event["detail"])


@notify.command()
@click.argument("receiver")
@asking
def test(receiver: str, **options: Any) -> None:
    """Send one notification that is marked as a test through each integration of RECEIVER.

    Exit codes: 0 all were delivered, 1 one was not, or there is no such receiver, 2 error.
    """
    from urllib.parse import quote  # noqa: PLC0415 - only when it is run

    path = f"/api/ui/receivers/{quote(receiver, safe='')}/test"
    found = AlertmanagerClient.of(options).post(path, {})
    if is_json(options):
        print_json(found)
    else:
        _print_trials(found)
    sys.exit(0 if found["ok"] else EXIT_REFUSED)


def _print_trials(found: Mapping[str, Any]) -> None:
    if not found["results"]:
        click.echo(f"{found['receiver']} has no integrations: nobody is told")
    for one in found["results"]:
        verdict = click.style("failed", fg="red") if one["error"] else click.style("ok", fg="green")
        click.echo(f"{one['integration']}[{one['index']}]: {verdict}  {one['error']}".rstrip())
        for exchange in one["exchanges"]:
            _print_fields(exchange)


@notify.command()
@click.argument("number", metavar="ID", type=int)
@asking
def replay(number: int, **options: Any) -> None:
    """Send the request of a recorded attempt again, with today's secrets.

    Exit codes: 0 it was delivered, 1 it was not, or there is no such attempt, 2 error.
    """
    found = AlertmanagerClient.of(options).post(f"/api/ui/alerts/events/{number}/replay", {})
    if is_json(options):
        print_json(found)
    else:
        _print_fields(found["exchange"])
    sys.exit(0 if found["ok"] else EXIT_REFUSED)


def _print_fields(exchange: Mapping[str, Any]) -> None:
    from appliance.commands.visible import visible  # noqa: PLC0415 - only when it is run

    rest = {name: value for name, value in exchange.items() if name not in _SHOWN}
    for name in (*_SHOWN, *rest):
        value = exchange.get(name)
        if isinstance(value, float):
            value = f"{value:.3f}"
        if isinstance(value, dict):
            for key, text in value.items():
                click.echo(visible(f"  {name}: {key}: {text}"))
        elif value not in (None, ""):
            click.echo(visible(f"  {name}: {value}"))
