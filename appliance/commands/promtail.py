"""`appliance promtail test`: what a promtail pipeline does to the lines of a file."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.ingest.tail.config import PromtailConfig, TailConfig
    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.stage_trace import Change, Step, Tracer

_CONFIGS = ("promtail-config.yml", "promtail.yml", "promtail-config.yaml", "promtail.yaml")
_SIGNS = {"+": "green", "-": "red", "~": "yellow"}
_LONGEST = 160


@click.group()
def promtail() -> None:
    """Try promtail configurations."""


@promtail.command()
@click.argument("file")
@click.option(
    "-c", "--config", metavar="FILE", help="promtail's file (default: ./promtail-config.yml)."
)
@click.option("--job", metavar="NAME", help="Whose stages (default: the job that tails FILE).")
@click.option(
    "--stage", "stages", multiple=True, metavar="YAML", help="A stage, instead of a job's."
)
@click.option(
    "--label", "labels", multiple=True, metavar="NAME=VALUE", help="A label of the lines."
)
@click.option("-n", "--lines", "count", type=int, default=20, show_default=True, help="0: all.")
def test(
    *,
    file: str,
    config: str | None,
    job: str | None,
    stages: tuple[str, ...],
    labels: tuple[str, ...],
    count: int,
) -> None:
    """Show what each stage of a pipeline does to each line of FILE (-: standard input).

    Nothing is sent anywhere. Exit codes: 0, 2 the configuration or the call is wrong.
    """
    from appliance.base.errors import BadInput  # noqa: PLC0415 - only when it is run
    from appliance.ingest.tail.stage_trace import Tracer  # noqa: PLC0415
    from appliance.ingest.tail.stages.pipeline import Pipeline  # noqa: PLC0415

    path = "" if file == "-" else str(Path(file).absolute())
    found = _from_stages(stages) if stages else _from_config(config, job, path)
    given = _labels_of(found, path) | dict(label.partition("=")[::2] for label in labels)
    try:
        pipeline = Pipeline(found.pipeline_stages, found.job_name)
    except BadInput as error:
        raise click.UsageError(error.message) from error
    if not pipeline.stages:
        click.echo(f"job {found.job_name!r} has no stages", err=True)
    with _open(file) as stream:
        texts = (line.rstrip("\r\n") for line in stream)
        _run(Tracer(pipeline.stages), islice(texts, count or None), given)


def _open(file: str) -> TextIO:
    try:
        return sys.stdin if file == "-" else Path(file).open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise click.UsageError(f"cannot read {file}: {error.strerror}") from error


def _from_stages(stages: tuple[str, ...]) -> TailConfig:
    lines = "\n".join(f"- {stage}" for stage in stages)
    body = "\n".join(f"  {line}" for line in lines.splitlines())
    text = f"scrape_configs:\n- job_name: test\n  pipeline_stages:\n{body}\n"
    return _decoded(text, "--stage").scrape_configs[0]


def _from_config(config: str | None, job: str | None, path: str) -> TailConfig:
    names = [config] if config else [name for name in _CONFIGS if Path(name).exists()]
    if not names:
        message = f"no {_CONFIGS[0]} here; give one with --config, or stages with --stage"
        raise click.UsageError(message)
    try:
        text = Path(names[0]).read_bytes()
    except OSError as error:
        raise click.UsageError(f"cannot read {names[0]}: {error.strerror}") from error
    return _chosen(_decoded(text, names[0]), job, path)


def _decoded(text: str | bytes, name: str) -> PromtailConfig:
    from appliance.config.load import load_text  # noqa: PLC0415 - yaml
    from appliance.config.problem import has_errors, render_errors  # noqa: PLC0415
    from appliance.ingest.tail.config import PromtailConfig  # noqa: PLC0415

    decoded = load_text(PromtailConfig, text, file=name)
    if decoded.value is None or has_errors(decoded.problems):
        raise click.UsageError(render_errors(decoded.problems))
    return decoded.value


def _chosen(config: PromtailConfig, name: str | None, path: str) -> TailConfig:
    """The job of that name; else the one that tails the file; else the only one."""
    from appliance.ingest.tail.files.path_glob import matches  # noqa: PLC0415

    jobs = config.scrape_configs
    shown = ", ".join(repr(job.job_name) for job in jobs) or "none"
    if name is not None:
        found = [job for job in jobs if job.job_name == name]
        if not found:
            raise click.UsageError(f"no job {name!r}; there are: {shown}")
        return found[0]
    fitting = [
        job
        for job in jobs
        for static in job.static_configs
        if path and matches(static.shared_labels().get("__path__", ""), path)
    ]
    if fitting or len(jobs) == 1:
        return (fitting or list(jobs))[0]
    raise click.UsageError(f"no job tails {path or 'standard input'}; choose one by --job: {shown}")


def _labels_of(job: TailConfig, path: str) -> dict[str, str]:
    """Labels of the job's first target, as far as they are written down."""
    shared = job.static_configs[0].shared_labels() if job.static_configs else {}
    found = {name: value for name, value in shared.items() if not name.startswith("__")}
    return found | ({"filename": path} if path else {})


def _run(tracer: Tracer, lines: Iterable[str], labels: dict[str, str]) -> None:
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.ingest.tail.entry import Entry  # noqa: PLC0415

    clock = SystemClock()
    read = sent = 0
    for read, line in enumerate(lines, 1):
        click.secho(f"line {read}: {_short(line)}", bold=True)
        entry = Entry(dict(labels), clock.now_ns(), line, origins=(read,))
        sent += _show(tracer.trace(entry))
    rest = list(tracer.finish())
    if rest:
        click.secho("at the end:", bold=True)
        sent += _show(rest)
    click.echo(f"{read} line{'s' * (read != 1)} read, {sent} entr{'y' if sent == 1 else 'ies'} out")


def _show(steps: Iterable[Step]) -> int:
    """Print steps; how many entries came out."""
    from appliance.ingest.tail.stage_trace import Effect, Out, Released  # noqa: PLC0415

    count = 0
    for step in steps:
        match step:
            case Effect(stage=stage, changes=changes, outcome=outcome):
                click.echo(f"  {stage}: {_outcome(outcome, changes)}".rstrip(" "))
                for text in map(_shown_change, changes):
                    click.echo(text)
            case Released(stage=stage, entry=entry):
                pieces = ", ".join(map(str, entry.origins))
                click.echo(f"  {stage}: lines {pieces} come out: {_short(entry.line)}")
            case Out(entry=entry):
                count += 1
                click.secho("  → ", fg="cyan", nl=False)
                click.echo(_shown_entry(entry))
    return count


def _outcome(outcome: str, changes: Sequence[Change]) -> str:
    if outcome:
        return click.style(outcome, fg="red" if outcome == "dropped" else "yellow")
    return "" if changes else click.style("no change", dim=True)


def _shown_change(change: Change) -> str:
    what, before, after = change
    if before is None:
        sign, text = "+", _short(after or "")
    elif after is None:
        sign, text = "-", _short(before)
    else:
        sign, text = "~", f"{_short(before)} → {_short(after)}"
    return f"    {click.style(sign, fg=_SIGNS[sign])} {what}: {text}"


def _shown_entry(entry: Entry) -> str:
    from appliance.ingest.tail.stage_trace import shown_time  # noqa: PLC0415

    parts = [shown_time(entry.time_ns), _pairs(entry.labels), _short(entry.line)]
    if entry.metadata:
        parts.insert(2, f"metadata {_pairs(entry.metadata)}")
    if entry.tenant:
        parts.insert(1, f"tenant {entry.tenant}")
    return " ".join(parts)


def _pairs(labels: dict[str, str]) -> str:
    from appliance.syntax.quoting import quote  # noqa: PLC0415

    return "{" + ", ".join(f"{name}={quote(labels[name])}" for name in sorted(labels)) + "}"


def _short(text: str) -> str:
    """A text on one line."""
    shown = text.replace("\n", "\\n").replace("\t", "\\t")
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
