"""`appliance check alertmanager`: alertmanager.yml files, in amtool's form, with all findings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.config.problem import Problem


@click.command()
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def alertmanager(*, strict: bool, files: tuple[str, ...]) -> None:
    """Check alertmanager.yml files and the templates they name, as `amtool check-config` does.

    Other than amtool it tells everything that is wrong at once, with its place and what would be
    right. Exit codes: 0 nothing wrong, 1 errors, 2 usage.
    """
    from appliance.check import check_all  # noqa: PLC0415 - yaml, re2
    from appliance.config.problem import has_errors  # noqa: PLC0415

    paths = [Path(name) for name in files]
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise click.UsageError(f"no such file: {', '.join(missing)}")
    failed = 0
    for path in paths:
        problems = check_all(None, [path])
        is_bad = has_errors(problems) or (strict and bool(problems))
        _print(path, problems, is_bad=is_bad)
        failed += is_bad
    if failed:
        click.echo(f"appliance: error: failed to validate {failed} file(s)", err=True)
    sys.exit(1 if failed else 0)


def _print(path: Path, problems: Sequence[Problem], *, is_bad: bool) -> None:
    click.echo(f"Checking {str(path)!r}  {'FAILED' if is_bad else 'SUCCESS'}")
    for problem in problems:
        click.echo(problem.render())
    if not is_bad:
        click.echo(_found(path))
    click.echo()


def _found(path: Path) -> str:
    """What a file without errors has."""
    from appliance.alertmanager.config import AlertmanagerConfig  # noqa: PLC0415 - yaml, re2
    from appliance.config.document import matching_files  # noqa: PLC0415
    from appliance.config.load import load_file  # noqa: PLC0415

    config = load_file(AlertmanagerConfig, path).value
    if config is None:
        return "Found: nothing"
    named = [file for name in config.templates for file in matching_files(name, path.parent)]
    templates = sum(file.is_file() for file in named)
    lines = [
        "Found:",
        " - global config",
        " - route",
        f" - {len(config.inhibit_rules)} inhibit rules",
        f" - {len(config.receivers)} receivers",
        f" - {templates} templates",
    ]
    return "\n".join(lines)
