"""`appliance alerts ack` and `unack`: somebody takes care of alerts, or no longer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.alerting.client import AlertmanagerClient, asking, is_json, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_HEAD = ("BY", "SINCE", "UNTIL", "VIA", "OF", "ALERTS", "COMMENT")


@click.command()
@click.argument("which", nargs=-1, metavar="FINGERPRINT|LABELS…")
@click.option("--group", metavar="KEY", help="All alerts of a group, later ones included.")
@click.option("--by", metavar="NAME", help="Who; default: the user's name.")
@click.option("-c", "--comment", default="", help="What is being done.")
@click.option("--for", "lasting", metavar="DURATION", help="How long; default: until it is over.")
@asking
def ack(which: tuple[str, ...], **options: Any) -> None:
    """Acknowledge alerts: escalations stop, while teams go on being told.

    LABELS are matchers; a first word alone is the alert's name. Exit codes: 0, 1 no such alert,
    2 error.
    """
    from appliance.commands.alerting.silence import user_name  # noqa: PLC0415 - rarely needed

    document: dict[str, Any] = _selected(which, options["group"])
    document |= {"by": options["by"] or user_name(), "comment": options["comment"]}
    if options["lasting"]:
        document["seconds"] = _seconds(options["lasting"])
    found = AlertmanagerClient.of(options).post("/api/ui/alerts/ack", document)
    _print(found["acks"], options)


@click.command()
@click.argument("which", nargs=-1, metavar="FINGERPRINT|LABELS…")
@click.option("--group", metavar="KEY", help="Of a group.")
@click.option("--by", metavar="NAME", help="Who; default: the user's name.")
@asking
def unack(which: tuple[str, ...], **options: Any) -> None:
    """Take acknowledgements back: escalations begin anew.

    Exit codes: 0, 1 no such acknowledgement, 2 error.
    """
    from appliance.commands.alerting.silence import user_name  # noqa: PLC0415 - rarely needed

    document = _selected(which, options["group"]) | {"by": options["by"] or user_name()}
    found = AlertmanagerClient.of(options).post("/api/ui/alerts/unack", document)
    if is_json(options):
        print_json(found)


@click.command()
@asking
def acks(**options: Any) -> None:
    """List acknowledgements that hold. Exit codes: 0, 1 refused, 2 error."""
    found = AlertmanagerClient.of(options).get("/api/ui/alerts/acks")
    _print(found["acks"], options)


def _selected(which: tuple[str, ...], group: str | None) -> dict[str, Any]:
    if bool(which) == bool(group):
        raise click.UsageError("name alerts by fingerprints or labels, or a group by --group")
    if group:
        return {"group": group}
    if all(_FINGERPRINT.fullmatch(text) for text in which):
        return {"fingerprints": list(which)}
    from appliance.commands.alerting import labels  # noqa: PLC0415 - re2

    return {"filter": [text for _, text in labels.filters(which)]}


def _seconds(text: str) -> float:
    from appliance.base.duration import parse_duration  # noqa: PLC0415 - only when it is run
    from appliance.base.errors import BadInput  # noqa: PLC0415

    try:
        return parse_duration(text) / 1000
    except BadInput as error:
        raise click.BadParameter(error.message, param_hint="--for") from error


def _print(found: list[Mapping[str, Any]], options: Mapping[str, Any]) -> None:
    if is_json(options):
        print_json(found)
        return
    from appliance.commands.alerting import table  # noqa: PLC0415 - only when it is run

    rows = [
        [
            one["by"],
            table.local(one["at"]),
            table.local(one["until"]) if one["until"] else "it is over",
            one["via"],
            f"{one['kind']} {one['key']}",
            str(len(one["alerts"])),
            one["comment"],
        ]
        for one in found
    ]
    if rows:
        table.print_table(_HEAD, rows)
    else:
        click.echo("no acknowledgements", err=True)
