"""`appliance check`: every finding in every configuration file, at once."""

from __future__ import annotations

import sys
from pathlib import Path

import click

EXIT_OK, EXIT_FINDINGS, EXIT_USAGE = 0, 1, 2


@click.command()
@click.option("-c", "--config", metavar="FILE", help="appliance.yml (default: ./appliance.yml).")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.argument("files", nargs=-1, metavar="[FILE]…")
def check(*, config: str | None, form: str, strict: bool, files: tuple[str, ...]) -> None:
    """Check configuration files, all at once.

    Without FILE: appliance.yml and everything that it names. What kind of file each FILE is, its
    content says. Exit codes: 0 nothing wrong, 1 errors, 2 usage.
    """
    from appliance.check import check_all, render_json, render_text  # noqa: PLC0415 - yaml
    from appliance.config.problem import has_errors  # noqa: PLC0415

    named = [Path(name) for name in (*files, *([config] if config else []))]
    missing = [str(path) for path in named if not path.exists()]
    if missing:
        raise click.UsageError(f"no such file: {', '.join(missing)}")
    problems = check_all(Path(config) if config else None, [Path(name) for name in files])
    text = render_text(problems) if form == "text" else render_json(problems).decode()
    click.echo(text)
    is_bad = has_errors(problems) or (strict and bool(problems))
    sys.exit(EXIT_FINDINGS if is_bad else EXIT_OK)
