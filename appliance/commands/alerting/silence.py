"""`appliance silence`: silences of an Alertmanager."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.alerting.client import (
    AlertmanagerClient,
    asking,
    is_json,
    print_json,
    refuse,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATH = "/api/v2/silences"
_HEAD = ("ID", "STATE", "ENDS", "BY", "COMMENT", "MATCHERS")


@click.group()
def silence() -> None:
    """Silences: list, add, change, end and import them."""


@silence.command("ls")
@click.argument("filters", nargs=-1, metavar="[MATCHER]…")
@click.option("--expired", is_flag=True, help="Only those that are over.")
@click.option("--created-by", metavar="NAME", help="Only this author's.")
@click.option("-q", "--quiet", is_flag=True, help="Only ids.")
@asking
def ls(filters: tuple[str, ...], **options: Any) -> None:
    """List silences that have all these matchers; those that are over only with --expired.

    Exit codes: 0, 1 refused, 2 error.
    """
    from appliance.commands.alerting import labels  # noqa: PLC0415 - re2

    found = AlertmanagerClient.of(options).get(_PATH, labels.filters(filters))
    author = options["created_by"]
    found = [
        one
        for one in found
        if (one["status"]["state"] == "expired") == options["expired"]
        and author in (None, one["createdBy"])
    ]
    if options["quiet"]:
        click.echo("".join(f"{one['id']}\n" for one in found), nl=False)
    elif is_json(options):
        print_json(found)
    elif found:
        _print_table(found)
    else:
        click.echo("no silences", err=True)


def _print_table(found: list[dict[str, Any]]) -> None:
    from appliance.commands.alerting import table  # noqa: PLC0415 - only when it is run

    rows = [
        [
            one["id"],
            one["status"]["state"],
            table.local(one["endsAt"]),
            one["createdBy"],
            one["comment"],
            " ".join(_matcher(matcher) for matcher in one["matchers"]),
        ]
        for one in found
    ]
    table.print_table(_HEAD, rows)


def _matcher(one: Mapping[str, Any]) -> str:
    is_equal = one.get("isEqual", True)
    op = ("=~" if is_equal else "!~") if one["isRegex"] else ("=" if is_equal else "!=")
    return f"{one['name']}{op}{json.dumps(one['value'], ensure_ascii=False)}"


@silence.command()
@click.argument("matchers", nargs=-1, required=True, metavar="MATCHER…")
@click.option("-c", "--comment", required=True, help="Why.")
@click.option("-a", "--author", help="Who; default: the user's name.")
@click.option("-d", "--duration", default="1h", show_default=True, help="How long.")
@click.option("--start", default="now", show_default=True, metavar="TIME", help="RFC 3339.")
@click.option("--end", metavar="TIME", help="RFC 3339; instead of --duration.")
@asking
def add(matchers: tuple[str, ...], **options: Any) -> None:
    """Silence alerts that have all these matchers; prints the silence's id.

    A first word alone is the alert's name. Exit codes: 0, 1 refused, 2 error.
    """
    from appliance.commands.alerting import labels  # noqa: PLC0415 - re2

    starts_ns, ends_ns = _span(options)
    document = {
        "matchers": [
            {
                "name": matcher.name,
                "value": matcher.value,
                "isRegex": matcher.op.value in {"=~", "!~"},
                "isEqual": matcher.op.value in {"=", "=~"},
            }
            for matcher in labels.read_matchers(matchers)
        ],
        "createdBy": options["author"] or user_name(),
        "comment": options["comment"],
    }
    click.echo(_set(options, document, starts_ns, ends_ns))


@silence.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("-c", "--comment", help="Another reason.")
@click.option("-d", "--duration", help="How long, from its start or from now.")
@click.option("--start", metavar="TIME", help="RFC 3339.")
@click.option("--end", metavar="TIME", help="RFC 3339.")
@asking
def update(ids: tuple[str, ...], **options: Any) -> None:
    """Change silences; prints their ids, which may be new ones.

    Exit codes: 0, 1 no such silence or refused, 2 error.
    """
    client = AlertmanagerClient.of(options)
    for one in ids:
        found = client.get(f"/api/v2/silence/{one}")
        given = options | {
            "start": options["start"] or found["startsAt"],
            "end": options["end"] or (None if options["duration"] else found["endsAt"]),
        }
        starts_ns, ends_ns = _span(given)
        document = {name: found[name] for name in ("id", "matchers", "createdBy", "comment")}
        document["annotations"] = found.get("annotations", {})
        document["comment"] = options["comment"] or found["comment"]
        click.echo(_set(options, document, starts_ns, ends_ns))


@silence.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@asking
def expire(ids: tuple[str, ...], **options: Any) -> None:
    """End silences now; to end one that is over does no harm.

    Exit codes: 0, 1 no such silence, 2 error.
    """
    client = AlertmanagerClient.of(options)
    for one in ids:
        client.delete(f"/api/v2/silence/{one}")


@silence.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--force", is_flag=True, help="As new ones, though they may be there already.")
@asking
def import_(file: Any, *, force: bool, **options: Any) -> None:
    """Import silences from JSON as `ls -o json` prints it; FILE may be - for standard input.

    Prints their new ids. Silences that are there already, or over, are passed over. Exit codes:
    0, 1 no such file or refused, 2 error.
    """
    client = AlertmanagerClient.of(options)
    try:
        documents = json.load(file)
        given = [dict(one) for one in documents]
    except (ValueError, TypeError) as error:
        refuse(f"{file.name}: no JSON list of silences: {error}")
    there = set() if force else {one["id"] for one in client.get(_PATH)}
    wanted = ("matchers", "createdBy", "comment", "startsAt", "endsAt", "annotations")
    for one in given:
        is_over = one.get("status", {}).get("state") == "expired"
        if one.get("id") not in there and (force or not is_over):
            document = {name: one[name] for name in wanted if name in one}
            click.echo(client.post(_PATH, document)["silenceID"])


def _set(options: Mapping[str, Any], document: dict[str, Any], starts_ns: int, ends_ns: int) -> str:
    from appliance.commands.alerting import table  # noqa: PLC0415 - only when it is run

    times = {"startsAt": table.at(starts_ns), "endsAt": table.at(ends_ns)}
    found = AlertmanagerClient.of(options).post(_PATH, document | times)
    return str(found["silenceID"])


def _span(options: Mapping[str, Any]) -> tuple[int, int]:
    """Start and end, in nanoseconds.

    Raises:
        click.BadParameter: One of the options is no time, or no duration.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.base.duration import parse_duration  # noqa: PLC0415
    from appliance.base.errors import BadInput  # noqa: PLC0415
    from appliance.commands.times import parse_when_ns  # noqa: PLC0415

    now_ns = SystemClock().now_ns()
    starts_ns = parse_when_ns(options["start"], now_ns)
    if options["end"]:
        return starts_ns, parse_when_ns(options["end"], now_ns)
    try:
        lasting_ns = parse_duration(options["duration"]) * 10**6
    except BadInput as error:
        raise click.BadParameter(error.message, param_hint="--duration") from error
    return starts_ns, max(starts_ns, now_ns) + lasting_ns


def user_name() -> str:
    """Who runs this program."""
    import getpass  # noqa: PLC0415 - only when it is run

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "appliance"
