"""`appliance alerts`: alerts of an Alertmanager, and what happened to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.alerting.acks import ack, acks, unack
from appliance.commands.alerting.client import (
    AlertmanagerClient,
    asking,
    is_json,
    print_json,
    refuse,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_HEAD = ("FINGERPRINT", "STATE", "SINCE", "ALERT", "RECEIVERS", "LABELS")


@click.group()
def alerts() -> None:
    """Alerts: list them, add one, see what happened to one."""


@alerts.command("ls")
@click.argument("filters", nargs=-1, metavar="[FILTER]…")
@click.option("--active", "only", flag_value="active", help="Only those that nothing holds back.")
@click.option("--silenced", "only", flag_value="silenced", help="Only silenced ones.")
@click.option("--inhibited", "only", flag_value="inhibited", help="Only inhibited ones.")
@click.option("--receiver", metavar="REGEX", help="Only those that go to such receivers.")
@asking
def ls(filters: tuple[str, ...], **options: Any) -> None:
    """List alerts that fire.

    FILTER is a matcher such as 'severity=~"critical|page"'; a first word alone is the alert's name.
    Exit codes: 0, 1 refused, 2 error.
    """
    from appliance.commands.alerting import labels  # noqa: PLC0415 - re2

    given = labels.filters(filters)
    if options["receiver"]:
        given.append(("receiver", options["receiver"]))
    only = options["only"]
    given += [(name, "false") for name in ("silenced", "inhibited") if only == "active"]
    given += [("active", "false")] if only in {"silenced", "inhibited"} else []
    found = AlertmanagerClient.of(options).get("/api/v2/alerts", given)
    if only in {"silenced", "inhibited"}:
        found = [one for one in found if one["status"][f"{only}By"]]
    if is_json(options):
        print_json(found)
    else:
        _print_table(found)


def _print_table(found: list[dict[str, Any]]) -> None:
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.commands.alerting import table  # noqa: PLC0415

    now = table.parse(table.at(SystemClock().now_ns()))
    found.sort(key=lambda one: one["startsAt"])
    rows = [_row(one, now) for one in found]
    if rows:
        table.print_table(_HEAD, rows)
    else:
        click.echo("no alerts", err=True)


def _row(one: Mapping[str, Any], now: datetime) -> list[str]:
    from appliance.commands.alerting import table  # noqa: PLC0415

    return [
        one["fingerprint"],
        state_of(one),
        table.since(one["startsAt"], now),
        one["labels"].get("alertname", ""),
        ",".join(receiver["name"] for receiver in one["receivers"]),
        table.pairs(one["labels"], "alertname"),
    ]


def state_of(one: Mapping[str, Any]) -> str:
    """The state of an alert, and by what it is held back."""
    status = one["status"]
    by = [name for name in ("silenced", "inhibited", "muted") if status.get(f"{name}By")]
    return "+".join(by) or str(status["state"])


@alerts.command()
@click.argument("which", nargs=-1, required=True, metavar="FINGERPRINT|LABELS…")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 5000),
              help="Most events, the latest.")  # fmt: skip
@asking
def show(which: tuple[str, ...], **options: Any) -> None:
    """Show what happened to an alert: from its rule to the answers of its receivers.

    LABELS are matchers, as for `ls`; they may fit alerts that are long over. Exit codes: 0, 1 no
    such alert, 2 error.
    """
    client = AlertmanagerClient.of(options)
    given = _which(which)
    limit = [("limit", str(options["limit"]))]
    record = client.get("/api/ui/alerts/events", [*given, *limit])
    fingerprints = {one for event in record["events"] for one in event["fingerprints"]}
    if given[0][0] == "filter":
        fingerprints = {one for one in fingerprints if one in record["labels"]}
    named = [text for name, text in given if name == "fingerprint"] or sorted(fingerprints)
    if not record["events"]:
        refuse("there is no record of such an alert")
    shown = [client.get(f"/api/ui/alerts/{one}") for one in named[:20]]
    events = record["events"][::-1]
    if is_json(options):
        print_json({"alerts": shown, "events": events})
        return
    from appliance.commands.alerting import table, timeline  # noqa: PLC0415 - only when it is run

    for one in shown:
        _print_alert(one)
    table.print_table(("TIME", "ID", "EVENT", "WHAT"), timeline.rows(events))


def _which(which: tuple[str, ...]) -> list[tuple[str, str]]:
    if all(_FINGERPRINT.fullmatch(text) for text in which):
        return [("fingerprint", text) for text in which]
    from appliance.commands.alerting import labels  # noqa: PLC0415 - re2

    return labels.filters(which)


def _print_alert(one: Mapping[str, Any]) -> None:
    from appliance.commands.alerting import table  # noqa: PLC0415 - only when it is run
    from appliance.commands.visible import visible  # noqa: PLC0415

    name = one["labels"].get("alertname", "")
    click.echo(click.style(visible(f"{name}  {one['fingerprint']}"), bold=True))
    click.echo(visible(f"  {table.pairs(one['labels'], 'alertname')}"))
    alert = one["alert"]
    if alert is None:
        click.echo("  does not fire")
    else:
        click.echo(f"  {state_of(alert)} since {table.local(alert['startsAt'])}")
        for key, text in alert["annotations"].items():
            click.echo(visible(f"  {key}: {text}"))
    for group in one["groups"]:
        due = f", next flush {table.local(group['next_flush'])}" if group["next_flush"] else ""
        place = f" ({group['route']['file']}:{group['route']['line']})"
        click.echo(visible(f"  → {group['receiver']}{place}{due}"))
    click.echo()


@alerts.command()
@click.argument("which", nargs=-1, required=True, metavar="FINGERPRINT|LABELS…")
@asking
def explain(which: tuple[str, ...], **options: Any) -> None:
    """Say why somebody was told of an alert, or was not, and when next.

    LABELS are NAME=VALUE, a first word alone is the alert's name. Alerts that fire or pend and have
    them all are explained; else those that did; else what would become of one. Exit codes: 0, 1 no
    such alert, 2 error.
    """
    from appliance.commands.alerting import explain as explaining  # noqa: PLC0415 - re2

    client = AlertmanagerClient.of(options)
    found = [one for given in explaining.questions(which) for one in explaining.ask(client, given)]
    if is_json(options):
        print_json(found)
    else:
        explaining.print_lines(found)


@alerts.command()
@click.argument("rules", nargs=-1, required=True, metavar="RULE…")
@click.option("--from", "start", default="now-24h", show_default=True, metavar="TIME",
              help="RFC 3339, now-30d or 30d.")  # fmt: skip
@click.option("--to", "end", default="now", show_default=True, metavar="TIME", help="Likewise.")
@click.option("--for", "hold", metavar="DURATION", help="Of an expression: how long it must hold.")
@click.option("--keep-firing-for", "keep", metavar="DURATION", help="Of an expression.")
@click.option("--interval", metavar="DURATION", help="Of an expression: between evaluations (1m).")
@click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help="Of an expression.")
@click.option("--language", default="promql", show_default=True,
              type=click.Choice(["promql", "logql", "traceql"]),
              help="Of files and expressions.")  # fmt: skip
@click.option("--episodes", default=200, show_default=True, type=click.IntRange(0, 10_000),
              help="How many are shown of each rule.")  # fmt: skip
@click.option("--no-routing", is_flag=True, help="Leave out who would have been told.")
@asking
def backtest(rules: tuple[str, ...], **options: Any) -> None:
    """Say when rules would have fired on what the server has stored, and who would have been told.

    RULE is the name of an alert that the server has loaded, FILE[:ALERT] of this machine, or an
    expression. All rules take part together: they may inhibit each other. Exit codes: 0, 1 refused,
    2 error.
    """
    from appliance.commands.alerting import backtest as testing  # noqa: PLC0415 - when it is run

    asked = testing.question(rules, options)
    client = AlertmanagerClient.of(options)
    found = client.post("/api/ui/alerts/backtest", asked, seconds=testing.SECONDS)
    if is_json(options):
        print_json(found)
    else:
        testing.print_report(found)


@alerts.command()
@click.argument("labels", nargs=-1, required=True, metavar="LABEL…")
@click.option("--annotation", multiple=True, metavar="NAME=VALUE", help="Repeatable.")
@click.option("--generator-url", default="", metavar="URL", help="Where the alert comes from.")
@click.option("--start", metavar="TIME", help="RFC 3339, or now-5m (default: now).")
@click.option("--end", metavar="TIME", help="RFC 3339; default: after the resolve timeout.")
@asking
def add(labels: tuple[str, ...], **options: Any) -> None:
    """Add an alert: LABEL is NAME=VALUE, a first word alone is its name.

    Exit codes: 0, 1 refused, 2 error.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.commands.alerting import labels as reading  # noqa: PLC0415
    from appliance.commands.alerting import table  # noqa: PLC0415
    from appliance.commands.times import parse_when_ns  # noqa: PLC0415

    now_ns = SystemClock().now_ns()
    alert: dict[str, Any] = {
        "labels": reading.read_labels(labels),
        "annotations": reading.read_labels(options["annotation"]),
    }
    if options["generator_url"]:
        alert["generatorURL"] = options["generator_url"]
    for name, option in (("startsAt", "start"), ("endsAt", "end")):
        if options[option]:
            at_ns = parse_when_ns(options[option], now_ns)
            alert[name] = table.at(at_ns)
            if at_ns > now_ns:  # to servers an alert with an end alone starts there
                alert.setdefault("startsAt", table.at(now_ns))
    AlertmanagerClient.of(options).post("/api/v2/alerts", [alert])


for command in (ack, unack, acks):
    alerts.add_command(command)
