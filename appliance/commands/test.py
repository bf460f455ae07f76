"""`appliance test`: unit tests of configuration."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from appliance.rules.unit_test.junit import Result

EXIT_OK, EXIT_FAILED = 0, 1


@click.group()
def test() -> None:
    """Run tests of rules and of routing."""


@test.command()
@click.option(
    "--run",
    "wanted",
    multiple=True,
    metavar="REGEX",
    help="Only tests whose name matches; repeatable.",
)
@click.option("--diff", is_flag=True, help="Show alerts as a difference.")
@click.option("--debug", is_flag=True, help="Say how long each file takes.")
@click.option("--junit", metavar="FILE", help="Write the results as JUnit XML too.")
@click.option("--ignore-unknown-fields", is_flag=True, help="Unknown keys in rules are no errors.")
@click.option("--enable-feature", expose_value=False, hidden=True, help="All are enabled here.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def rules(
    *,
    wanted: tuple[str, ...],
    diff: bool,
    debug: bool,
    junit: str | None,
    ignore_unknown_fields: bool,
    files: tuple[str, ...],
) -> None:
    """Run unit tests of rules, in promtool's format.

    Exit codes: 0 all passed, 1 some failed.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - promql, only when it is run
    from appliance.base.re2 import Pattern  # noqa: PLC0415
    from appliance.rules.unit_test.run import (  # noqa: PLC0415
        FileResult,
        RunOptions,
        run_file,
    )

    clock = SystemClock()
    pattern = Pattern("|".join(wanted)) if wanted else None
    options = RunOptions(clock, pattern, diff, ignore_unknown_fields)
    results: dict[str, FileResult] = {}
    for name in files:
        began = clock.monotonic()
        click.echo(f"Unit Testing:  {name}")
        with _quiet(logging.getLogger("appliance.rules")):
            results[name] = run_file(Path(name), options)
        _report(results[name].errors, results[name].warnings)
        if debug:
            click.echo(f"DEBUG: {name} took {clock.monotonic() - began:.3f} s", err=True)
    if junit:
        _write_junit(Path(junit), results, clock.now_ms())
    sys.exit(EXIT_FAILED if any(result.errors for result in results.values()) else EXIT_OK)


@test.command()
@click.option("--junit", metavar="FILE", help="Write the results as JUnit XML too.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def routes(*, junit: str | None, files: tuple[str, ...]) -> None:
    """Run tests of routing, inhibition and muting.

    Each FILE names an alertmanager.yml, alerts, and what is expected of them. Exit codes: 0 all
    passed, 1 some failed.
    """
    from appliance.alertmanager.routing_test.run import FileResult, run_file  # noqa: PLC0415 - yaml
    from appliance.base.clock import SystemClock  # noqa: PLC0415
    from appliance.settings.root import load  # noqa: PLC0415

    settings, _ = load(None, flags={}, environ=os.environ)
    results: dict[str, FileResult] = {}
    for name in files:
        click.echo(f"Routing tests:  {name}")
        results[name] = run_file(Path(name), settings.variables)
        _report(results[name].errors)
    if junit:
        _write_junit(Path(junit), results, SystemClock().now_ms())
    sys.exit(EXIT_FAILED if any(result.errors for result in results.values()) else EXIT_OK)


@contextlib.contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Failures of rules are part of the report; they need no log as well."""
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _report(errors: Sequence[str], warnings: Sequence[str] = ()) -> None:
    for text in warnings:
        click.echo(f"  WARNING: {text}", err=True)
    if errors:
        click.echo("  FAILED:", err=True)
        for error in errors:
            click.echo(error, err=True)
            click.echo()
    else:
        click.echo("  SUCCESS")
    click.echo()


def _write_junit(path: Path, results: Mapping[str, Result], now_ms: int) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    from appliance.rules.unit_test.junit import render_junit  # noqa: PLC0415

    moment = datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    path.write_text(render_junit(results, moment), encoding="utf-8")
