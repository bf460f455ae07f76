"""`appliance route`: where an alert with some labels would go."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.alerting.client import (
    EXIT_REFUSED,
    AlertmanagerClient,
    asking,
    is_json,
    print_json,
    refuse,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command()
@click.argument("labels", nargs=-1, metavar="LABEL…")
@click.option("--config", metavar="FILE",
              type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="alertmanager.yml; default: ask the server.")  # fmt: skip
@click.option("--verify", metavar="NAME,…", help="Exit with 1 unless it goes to these receivers.")
@asking
def route(labels: tuple[str, ...], config: Path | None, **options: Any) -> None:
    """Show which routes take an alert with these labels, and who is told.

    LABEL is NAME=VALUE; a first word alone is the alert's name. Exit codes: 0, 1 other receivers
    than --verify says or refused, 2 error.
    """
    from appliance.commands.alerting import labels as reading  # noqa: PLC0415 - re2

    given = reading.read_labels(labels)
    if config is not None:
        found = _offline(config, given)
    else:
        found = AlertmanagerClient.of(options).post("/api/ui/alerts/route", {"labels": given})
    if is_json(options):
        print_json(found)
    else:
        _print(found)
    wanted = options["verify"]
    if wanted is not None and wanted.split(",") != found["receivers"]:
        got = ",".join(found["receivers"])
        click.echo(f"appliance: receivers are {got}, wanted {wanted}", err=True)
        sys.exit(EXIT_REFUSED)


def _offline(config: Path, labels: Mapping[str, str]) -> Any:
    import os  # noqa: PLC0415 - only when it is run

    from appliance.alertmanager.config import AlertmanagerConfig  # noqa: PLC0415 - schemas
    from appliance.alertmanager.route import RouteTree  # noqa: PLC0415
    from appliance.api.alertmanager.route_shapes import matched_json  # noqa: PLC0415
    from appliance.config.load import load_file  # noqa: PLC0415
    from appliance.config.problem import render_errors  # noqa: PLC0415
    from appliance.model.labels import Labels  # noqa: PLC0415

    decoded = load_file(AlertmanagerConfig, config, os.environ)
    if not decoded.ok or decoded.value is None or decoded.value.route is None:
        refuse(f"{config} cannot be used\n{render_errors(decoded.problems)}")
    tree = RouteTree(decoded.value.route, origin=decoded.origin)
    return matched_json(tree, Labels.of(labels))


def _print(found: Mapping[str, Any]) -> None:
    from appliance.base.duration import print_duration  # noqa: PLC0415 - only when it is run
    from appliance.commands.visible import visible  # noqa: PLC0415 - only when it is run

    for one in found["routes"]:
        place = f"{one['file']}:{one['line']}" if one["file"] else ""
        click.echo(click.style(visible(one["receiver"]), bold=True) + visible(f"  {place}"))
        click.echo(visible(f"  route     {one['key']}"))
        group = " ".join(f"{name}={value}" for name, value in one["group_labels"].items())
        click.echo(visible(f"  group     {group or '(all in one)'}"))
        waits = [
            f"{name} {print_duration(round(one[f'{name}_seconds'] * 1000))}"
            for name in ("group_wait", "group_interval", "repeat_interval")
        ]
        click.echo(f"  times     {', '.join(waits)}")
        for name in ("mute_time_intervals", "active_time_intervals"):
            if one[name]:
                click.echo(visible(f"  {name.split('_')[0]:9} {', '.join(one[name])}"))
