"""`appliance check templates`: slips in notification templates."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.config.problem import Problem

_CONFIGURATIONS = {".yml", ".yaml"}


@click.command()
@click.option("-c", "--config", metavar="FILE", help="appliance.yml (default: ./appliance.yml).")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.argument("files", nargs=-1, metavar="[FILE]…")
def templates(*, config: str | None, strict: bool, files: tuple[str, ...]) -> None:
    """Check notification templates: syntax, names, fields, a try on made-up notifications.

    FILE is a template file, or an alertmanager.yml, whose receivers are checked with the templates
    that it names; without FILE the alertmanager.yml of appliance.yml. Exit codes: 0 nothing wrong,
    1 errors, 2 usage.
    """
    from appliance.config.problem import Severity  # noqa: PLC0415 - yaml, re2

    paths = [Path(name) for name in files] or _configured(config)
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise click.UsageError(f"no such file: {', '.join(missing)}")
    found = sorted(find_problems(paths), key=lambda problem: (problem.file, problem.line))
    for problem in found:
        click.echo(problem.render())
    errors = sum(problem.severity is Severity.ERROR for problem in found)
    click.echo(f"{_counted(errors, 'error')}, {_counted(len(found) - errors, 'warning')}")
    sys.exit(1 if errors or (strict and found) else 0)


def find_problems(paths: Sequence[Path]) -> list[Problem]:
    """What is wrong with template files, taken together, and with each alertmanager.yml."""
    from appliance.notify.template.problems import file_problems  # noqa: PLC0415 - yaml, re2

    plain = [path for path in paths if path.suffix not in _CONFIGURATIONS]
    found = file_problems(plain)[1] if plain else []
    for path in paths:
        if path.suffix in _CONFIGURATIONS:
            found += _configuration_problems(path)
    return found


def _configuration_problems(path: Path) -> list[Problem]:
    from appliance.alertmanager.config import AlertmanagerConfig  # noqa: PLC0415 - yaml, re2
    from appliance.config.document import matching_files  # noqa: PLC0415 - yaml, re2
    from appliance.config.layers import Layers, load_layers  # noqa: PLC0415 - yaml, re2
    from appliance.config.load import load_file  # noqa: PLC0415 - yaml, re2
    from appliance.notify.template.problems import receiver_problems  # noqa: PLC0415 - yaml, re2
    from appliance.settings.root import Settings  # noqa: PLC0415 - yaml, re2

    _, variables, _ = load_layers(Settings, Layers(None, {}, os.environ, Path()))
    decoded = load_file(AlertmanagerConfig, path, variables)
    if decoded.value is None or not decoded.ok:
        return decoded.problems
    patterns = decoded.value.templates
    files = [file for name in patterns for file in matching_files(name, path.parent)]
    return [
        *(problem for problem in decoded.problems if problem.code == "template"),
        *receiver_problems(decoded.value.receivers, files, decoded.report),
    ]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _configured(config: str | None) -> list[Path]:
    """The alertmanager.yml that the settings name.

    Raises:
        UsageError: There is none.
    """
    from appliance.settings.root import load  # noqa: PLC0415 - yaml, re2

    settings, _ = load(Path(config) if config else None, flags={}, environ=os.environ)
    if settings.alertmanager.config is None:
        raise click.UsageError("no FILE, and no alertmanager.config in appliance.yml")
    return [Path(settings.alertmanager.config)]
