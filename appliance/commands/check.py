"""`appliance check`: every finding in every configuration file, at once.

`check rules FILE…` and `check config FILE…` say what promtool says; everything else is the house's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.commands.check_alertmanager import alertmanager
from appliance.commands.check_dashboards import FORMATS, dashboards, is_bad, rendered
from appliance.commands.check_templates import templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.config.problem import Problem
    from appliance.diagnosis.live import LiveMetrics

EXIT_OK, EXIT_FINDINGS, EXIT_USAGE = 0, 1, 2
_LINT = "Lint to apply, separated by commas: {}."


class CheckGroup(click.Group):
    """A group that takes what is none of its commands for files to check."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the usual command before its arguments."""
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["files", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The usual command has no name in messages."""
        name, command, rest = super().resolve_command(ctx, args)
        return "" if name == "files" else name, command, rest

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both forms."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] [FILE]…")
        kinds = "|".join(sorted(self.commands.keys() - {"files"}))
        formatter.write_usage(ctx.command_path, f"{kinds} [OPTIONS] FILE…")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of the usual command, then the commands."""
        self.commands["files"].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group(cls=CheckGroup)
def check() -> None:
    """Check configuration files, all at once.

    Without FILE: appliance.yml and everything that it names. What kind of file each FILE is, its
    content says. Exit codes: 0 nothing wrong, 1 errors, 2 usage.
    """


@check.command(hidden=True)
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
@click.option("--fix", is_flag=True, help="Correct what has one correction; prints what changed.")
@click.option("--dry-run", is_flag=True, help="With --fix: print only, write nothing.")
@click.option("--live", metavar="URL", help="Also ask a server which metrics there are.")
@click.argument("files", nargs=-1, metavar="[FILE]…")
def files(
    *,
    config: str | None,
    form: str,
    strict: bool,
    fix: bool,
    dry_run: bool,
    live: str | None,
    files: tuple[str, ...],
) -> None:
    """Check configuration files, all at once."""
    from appliance.check import check_all  # noqa: PLC0415 - yaml

    named = [Path(name) for name in (*files, *([config] if config else []))]
    if missing := _missing(named):
        raise click.UsageError(missing)
    if dry_run and not fix:
        raise click.UsageError("--dry-run goes with --fix")
    settings = Path(config) if config else None
    server = live_metrics(live) if live else None
    problems = check_all(settings, named[: len(files)], live=server)
    if fix and _fix(problems, is_dry=dry_run):
        problems = check_all(settings, named[: len(files)], live=server)
    click.echo(rendered(problems, form, [str(path) for path in named]))
    sys.exit(EXIT_FINDINGS if is_bad(problems, strict=strict) else EXIT_OK)


def _fix(problems: Sequence[Problem], *, is_dry: bool) -> bool:
    """Correct files and print what changes; whether files were written."""
    from appliance.diagnosis.edits import diff  # noqa: PLC0415 - yaml
    from appliance.diagnosis.fixes import fixed  # noqa: PLC0415

    has_written = False
    for file in dict.fromkeys(problem.file for problem in problems):
        path = Path(file)
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            before = stream.read()
        after = fixed(file, before, problems)
        if after != before:
            click.echo(diff(file, before, after), err=True)
            if not is_dry:
                with path.open("w", encoding="utf-8", newline="") as stream:
                    stream.write(after)
                has_written = True
    return has_written


def live_metrics(address: str) -> LiveMetrics:
    """What a server has; the program ends when it cannot be asked."""
    from appliance.commands.client import Client  # noqa: PLC0415 - rarely asked for
    from appliance.diagnosis.live import LiveMetrics  # noqa: PLC0415

    client = Client(address)
    names = client.get("/api/v1/label/__name__/values", {})
    types = {
        name: entries[0]["type"] for name, entries in client.get("/api/v1/metadata", {}).items()
    }
    return LiveMetrics(frozenset(names), types)


def _missing(paths: list[Path]) -> str:
    """What to say about paths that are not there; empty when all are."""
    missing = [str(path) for path in paths if not path.exists()]
    return f"no such file: {', '.join(missing)}" if missing else ""


def _existing(names: tuple[str, ...]) -> list[Path]:
    """Paths that are there; else the program ends with promtool's exit code 1."""
    paths = [Path(name) for name in names]
    if missing := _missing(paths):
        raise click.ClickException(missing)
    return paths


@check.command()
@click.option(
    "--lint",
    default="duplicate-rules",
    show_default=True,
    help=_LINT.format("all, duplicate-rules, none"),
)
@click.option("--lint-fatal", is_flag=True, help="Lint errors exit with code 3.")
@click.option("--ignore-unknown-fields", is_flag=True, help="Unknown keys are no errors.")
@click.option(
    "--language",
    type=click.Choice(["promql", "logql", "traceql"]),
    default="promql",
    show_default=True,
    help="Language of the expressions: rules over metrics, logs or traces.",
)
@click.option("--enable-feature", expose_value=False, hidden=True, help="All are enabled here.")
@click.argument("files", nargs=-1, metavar="[FILE]…")
def rules(
    *,
    lint: str,
    lint_fatal: bool,
    ignore_unknown_fields: bool,
    language: str,
    files: tuple[str, ...],
) -> None:
    """Check rule files as promtool does; without FILE standard input.

    Exit codes: 0 nothing wrong, 1 errors, 2 usage, 3 lint errors with --lint-fatal.
    """
    from appliance.commands import promtool_check  # noqa: PLC0415 - yaml, promql
    from appliance.rules.check import Judgement  # noqa: PLC0415 - with it

    verdict = promtool_check.Verdict(lint_fatal)
    lints = promtool_check.lints_of(lint, promtool_check.RULE_LINTS)
    judgement = Judgement.of(language, ignore_unknown=ignore_unknown_fields)
    promtool_check.check_rules(_existing(files), lints, verdict, judgement)
    sys.exit(verdict.code)


@check.command(name="config")
@click.option("--syntax-only", is_flag=True, help="Leave alone what the file names.")
@click.option(
    "--lint",
    default="duplicate-rules",
    show_default=True,
    help=_LINT.format("all, duplicate-rules, too-long-scrape-interval, none"),
)
@click.option("--lint-fatal", is_flag=True, help="Lint errors exit with code 3.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def config_(*, syntax_only: bool, lint: str, lint_fatal: bool, files: tuple[str, ...]) -> None:
    """Check prometheus.yml files and the rules they name as promtool does.

    Exit codes: 0 nothing wrong, 1 errors, 2 usage, 3 lint errors with --lint-fatal.
    """
    from appliance.commands import promtool_check  # noqa: PLC0415 - yaml, promql

    verdict = promtool_check.Verdict(lint_fatal)
    lints = promtool_check.lints_of(lint, promtool_check.CONFIG_LINTS)
    for file in _existing(files):
        promtool_check.check_config(file, lints, verdict, is_syntax_only=syntax_only)
    sys.exit(verdict.code)


check.add_command(alertmanager)
check.add_command(templates)
check.add_command(dashboards)
