"""`appliance check rules` and `appliance check config`: promtool's output and exit codes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from appliance.base.duration import print_duration
from appliance.config.document import matching_files
from appliance.config.problem import Problem, Severity
from appliance.ingest.scrape.config import load_prometheus_config
from appliance.promql.engine import LOOKBACK_MS
from appliance.rules.check import (
    PROMETHEUS_RULES,
    Judgement,
    RuleCheck,
    check_rule_file,
    check_rule_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from appliance.ingest.scrape.config import PrometheusConfig

EXIT_OK, EXIT_FAILED, EXIT_LINT = 0, 1, 3
RULE_LINTS = ("all", "duplicate-rules", "none")
CONFIG_LINTS = (*RULE_LINTS, "too-long-scrape-interval")


@dataclass(slots=True)
class Verdict:
    """What was found so far: failures, and whether any is more than lint."""

    is_fatal_lint: bool
    has_failed: bool = False
    has_errors: bool = False

    @property
    def code(self) -> int:
        """The exit code."""
        if self.has_failed and self.has_errors:
            return EXIT_FAILED
        return EXIT_LINT if self.has_failed and self.is_fatal_lint else EXIT_OK

    def fail(self, text: str, *, is_lint: bool = False) -> None:
        """Print a failure."""
        click.echo(text, err=True)
        self.has_failed = True
        self.has_errors = self.has_errors or not is_lint


def lints_of(text: str, known: Sequence[str]) -> frozenset[str]:
    """The lint checks that are asked for, separated by commas; unknown ones bring a warning."""
    found = set(text.split(","))
    for name in sorted(found - set(known)):
        click.echo(f'WARNING: unknown lint option: "{name}"')
    if "none" in found:
        return frozenset()
    return frozenset(known) if "all" in found else frozenset(found & set(known))


def check_rules(
    files: Sequence[Path],
    lints: frozenset[str],
    verdict: Verdict,
    judgement: Judgement = PROMETHEUS_RULES,
) -> None:
    """Check rule files; without any, standard input."""
    for file in files:
        click.echo(f"Checking {file}")
        _report_rules(check_rule_file(file, judgement), lints, verdict)
    if not files:
        click.echo("Checking standard input")
        data = sys.stdin.buffer.read()
        _report_rules(check_rule_text(data, "", judgement), lints, verdict)


def _report_rules(found: RuleCheck, lints: frozenset[str], verdict: Verdict) -> None:
    if found.errors:
        verdict.fail("\n".join(["  FAILED:", *found.errors]))
        return  # as promtool does: without an empty line
    if found.duplicates and "duplicate-rules" in lints:
        verdict.fail(f"  FAILED:\n{_duplicates_text(found)}", is_lint=True)
    else:
        click.echo(f"  SUCCESS: {found.count} rules found")
    click.echo()


def _duplicates_text(found: RuleCheck) -> str:
    lines = [f"lint error {len(found.duplicates)} duplicate rule(s) found."]
    for name, labels in found.duplicates:
        lines += [f"Metric: {name}", "Label(s):", *(f"\t{k}: {v}" for k, v in labels)]
    return "\n".join([*lines, "Might cause inconsistency while recording expressions"])


def check_config(
    file: Path, lints: frozenset[str], verdict: Verdict, *, is_syntax_only: bool = False
) -> None:
    """Check `prometheus.yml` and, unless only its syntax is asked for, the rules it names."""
    click.echo(f"Checking {file}")
    config, problems = load_prometheus_config(file)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    rules: list[Path] = []
    if config is not None and not is_syntax_only:
        rules, missing = _rule_files(config, file.parent)
        if missing:
            verdict.fail(f"  FAILED: {missing}")
            config = None
    if errors:
        verdict.fail(f"  FAILED: parsing YAML file {file}: {_joined(errors)}")
    elif config is not None:
        if rules:
            click.echo(f"  SUCCESS: {len(rules)} rule files found")
        click.echo(f" SUCCESS: {file} is valid prometheus config file syntax")
    click.echo()
    if config is not None and not is_syntax_only:
        _lint_intervals(config, lints, verdict)
        for rule_file in rules:
            check_rules([rule_file], lints, verdict)


def _joined(errors: Sequence[Problem]) -> str:
    """One error as it is; several one below the other."""
    texts = [
        f"{error.line}:{error.column}: {f'{error.path}: ' if error.path else ''}{error.message}"
        if error.line
        else error.message
        for error in errors
    ]
    return texts[0] if len(texts) == 1 else "\n" + "\n".join(f"  {text}" for text in texts)


def _rule_files(config: PrometheusConfig, directory: Path) -> tuple[list[Path], str]:
    """The files that patterns stand for, and what is wrong with them."""
    found: list[Path] = []
    for pattern in config.rule_files:
        files = [path for path in matching_files(pattern, directory) if path.exists()]
        if not files and "*" not in pattern:
            return [], f'"{directory / pattern}" does not point to an existing file'
        found += files
    return found, ""


def _lint_intervals(config: PrometheusConfig, lints: frozenset[str], verdict: Verdict) -> None:
    if "too-long-scrape-interval" not in lints:
        return
    for job in config.jobs():
        if job.scrape_interval >= LOOKBACK_MS:
            interval = print_duration(int(job.scrape_interval))
            message = "too long scrape interval found, data point will be marked as stale"
            text = f"  FAILED: {message} - job: {job.job_name}, interval: {interval}"
            verdict.fail(text, is_lint=True)
            return
