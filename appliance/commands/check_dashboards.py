"""`appliance check dashboards`: Grafana's dashboards, and what of them would not be shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.commands.options import addr

if TYPE_CHECKING:
    from appliance.config.problem import Problem

FORMATS = ("text", "json", "sarif", "junit")


@click.command()
@click.option("-c", "--config", metavar="FILE", help="appliance.yml (default: ./appliance.yml).")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Form of the output.",
)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--live", is_flag=True, help="Also ask the server which metrics there are.")
@addr("http://127.0.0.1:9090", "Server to ask with --live.")
@click.argument("files", nargs=-1, metavar="[FILE|FOLDER]…")
def dashboards(
    *, config: str | None, form: str, strict: bool, live: bool, addr: str, files: tuple[str, ...]
) -> None:
    """Check dashboards: what is not supported, broken queries, missing variables and units.

    Without FILE: those that appliance.yml names. A folder stands for all .json files in it.
    Exit codes: 0 nothing wrong, 1 errors, 2 usage.
    """
    paths = [Path(name) for name in (*files, *([config] if config else []))]
    if missing := [str(path) for path in paths if not path.exists()]:
        raise click.UsageError(f"no such file: {', '.join(missing)}")
    from appliance.commands.check import live_metrics  # noqa: PLC0415 - it imports this module
    from appliance.diagnosis.dashboards import check_dashboards  # noqa: PLC0415 - parsers

    chosen = [found for name in files for found in _json_files(Path(name))]
    if files and not chosen:
        raise click.UsageError(f"there are no .json files in {', '.join(files)}")
    server = live_metrics(addr) if live else None
    problems, judged = check_dashboards(Path(config) if config else None, chosen, live=server)
    if not judged and not problems:
        click.echo("no dashboards are named; give files, or set dashboards.grafana", err=True)
    click.echo(rendered(problems, form, [str(path) for path in judged]))
    sys.exit(1 if is_bad(problems, strict=strict) else 0)


def rendered(problems: list[Problem], form: str, files: list[str]) -> str:
    """Findings in one of the forms."""
    from appliance.diagnosis import junit, render, sarif  # noqa: PLC0415 - orjson

    if form == "text":
        return render.render_text(problems)
    if form == "junit":
        return junit.render_junit(problems, files).decode()
    make = sarif.render_sarif if form == "sarif" else render.render_json
    return make(problems).decode()


def is_bad(problems: list[Problem], *, strict: bool) -> bool:
    """Whether findings fail a check."""
    from appliance.config.problem import Severity  # noqa: PLC0415 - with yaml

    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(problem.severity in failing for problem in problems)


def _json_files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.json")) if path.is_dir() else [path]
