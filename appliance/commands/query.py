"""`appliance query`: ask a running server, ours or an original."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.options import addr

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMS = ["table", "promtool", "json", "csv", "ndjson"]
_LOG_FORMS = ["table", "json", "ndjson", "raw", "csv"]
_TRACE_FORMS = ["table", "json", "ndjson", "csv"]
_DIRECTIONS = ["backward", "forward"]
EXIT_EMPTY = 1


@click.group()
def query() -> None:
    """Ask a running server."""


@query.command()
@click.argument("expr")
@addr("http://127.0.0.1:9090", "Address.")
@click.option("--time", "at", metavar="TIME", help="When, for an instant query (default: now).")
@click.option("--from", "start", metavar="TIME", help="Start; makes it a range query.")
@click.option("--to", "end", default="now", show_default=True, metavar="TIME", help="End.")
@click.option("--step", metavar="DURATION", help="Resolution (default: 250 steps).")
@click.option("-o", "--output", type=click.Choice(_FORMS), help="table; ndjson when piped.")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
@click.option("--fail-empty", is_flag=True, help="Exit code 1 when nothing is found.")
def promql(expr: str, **options: Any) -> None:
    """Evaluate a PromQL expression.

    Times are `now`, `now-3h`, Unix seconds or RFC 3339. Exit codes: 0, 1 nothing found with
    --fail-empty, 2 error.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.commands.client import Client  # noqa: PLC0415
    from appliance.commands.times import parse_when  # noqa: PLC0415

    now = SystemClock().now_ms() / 1000
    client = Client(options["addr"], options["tenant"], options["token"])
    given = {"query": expr}
    if options["start"]:
        start, end = parse_when(options["start"], now), parse_when(options["end"], now)
        step = options["step"] or str(max(1, round((end - start) / 250)))
        given |= {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": step}
        data = client.post("/api/v1/query_range", given)
    else:
        if options["at"]:
            given["time"] = f"{parse_when(options['at'], now):.3f}"
        data = client.post("/api/v1/query", given)
    form = options["output"] or ("table" if sys.stdout.isatty() else "ndjson")
    _PRINTERS[form](data)
    if options["fail_empty"] and not data["result"]:
        sys.exit(EXIT_EMPTY)


@query.command()
@click.argument("expr")
@addr("http://127.0.0.1:3100", "Address.")
@click.option("--from", "start", metavar="TIME", help="Start (default for entries: now-1h).")
@click.option("--to", "end", default="now", show_default=True, metavar="TIME", help="End.")
@click.option("--step", metavar="DURATION", help="Resolution of numbers (default: 250 steps).")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="Entries.")
@click.option(
    "--direction", default="backward", show_default=True, type=click.Choice(_DIRECTIONS),
    help="The newest entries, newest first, or the oldest, oldest first.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Choice(_LOG_FORMS), help="table; ndjson when piped.")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
@click.option("--fail-empty", is_flag=True, help="Exit code 1 when nothing is found.")
def logql(expr: str, **options: Any) -> None:
    """Evaluate a LogQL query: entries, or numbers now or, with --from, over a range.

    Times are `now`, `now-3h`, Unix seconds or nanoseconds, or RFC 3339. Exit codes: 0, 1 nothing
    found with --fail-empty, 2 error.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.base.errors import ApplianceError  # noqa: PLC0415
    from appliance.commands import log_output, log_query  # noqa: PLC0415
    from appliance.commands.client import fail  # noqa: PLC0415
    from appliance.commands.refusal import with_excerpt  # noqa: PLC0415
    from appliance.transfer.session import Session  # noqa: PLC0415

    clock = SystemClock()
    form = options["output"] or ("table" if sys.stdout.isatty() else "ndjson")
    try:
        address, tenant, token = options["addr"], options["tenant"], options["token"]
        session = Session(address, clock, tenant=tenant, token=token)
        if log_query.is_log_query(expr):
            rows = log_query.entries(session, expr, options, clock.now_ns())
            log_output.print_rows(rows, form)
            is_empty = not rows
        else:
            data = log_query.numbers(session, expr, options, clock.now_ns())
            _PRINTERS[form](data)
            is_empty = not data["result"]
    except ApplianceError as error:
        fail(with_excerpt(error.message, expr))
    if options["fail_empty"] and is_empty:
        sys.exit(EXIT_EMPTY)


@query.command()
@click.argument("expr")
@addr("http://127.0.0.1:3200", "Address.")
@click.option("--from", "start", metavar="TIME", help="Start (default: now-1h).")
@click.option("--to", "end", default="now", show_default=True, metavar="TIME", help="End.")
@click.option("--step", metavar="DURATION", help="Resolution of numbers (default: the server's).")
@click.option("--instant", "is_instant", is_flag=True, help="One number for the whole time.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="Traces.")
@click.option("--spans", default=3, show_default=True, type=click.IntRange(1),
              help="Spans of each trace, in JSON.")  # fmt: skip
@click.option("-o", "--output", type=click.Choice(_TRACE_FORMS), help="table; ndjson when piped.")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
@click.option("--fail-empty", is_flag=True, help="Exit code 1 when nothing is found.")
def traceql(expr: str, **options: Any) -> None:
    """Evaluate a TraceQL query: traces, or numbers.

    Numbers are series with --from or --step, else one per series for the last hour. Times are
    `now`, `now-3h`, Unix seconds or nanoseconds, or RFC 3339. Exit codes: 0, 1 nothing found with
    --fail-empty, 2 error.
    """
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only when it is run
    from appliance.base.errors import ApplianceError  # noqa: PLC0415
    from appliance.commands import trace_output, trace_query  # noqa: PLC0415
    from appliance.commands.client import fail  # noqa: PLC0415
    from appliance.commands.refusal import with_excerpt  # noqa: PLC0415
    from appliance.commands.times import parse_when  # noqa: PLC0415

    clock = SystemClock()
    form = options["output"] or ("table" if sys.stdout.isatty() else "ndjson")
    try:
        answer = trace_query.ask(expr, options, clock)
    except ApplianceError as error:
        fail(with_excerpt(error.message, expr))
    if "series" in answer and form != "json":
        end = parse_when(options["end"], clock.now_ns() / 1e9)
        _PRINTERS[form](trace_output.as_prometheus(answer, end))
    else:
        trace_output.print_traces(answer, form)
    if options["fail_empty"] and not (answer.get("series") or answer.get("traces")):
        sys.exit(EXIT_EMPTY)


def _rows(data: dict[str, Any]) -> Iterator[tuple[dict[str, str], float, Any]]:
    """(labels, time, value) of every point; a histogram is its JSON."""
    if data["resultType"] in {"scalar", "string"}:
        yield {}, *data["result"]
        return
    for series in data["result"]:
        points = [*series.get("values", ()), *series.get("histograms", ())]
        points += [series[key] for key in ("value", "histogram") if key in series]
        for time, value in points:
            shown = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            yield series["metric"], time, shown


def _selector(labels: dict[str, str]) -> str:
    name = labels.get("__name__", "")
    rest = sorted((key, value) for key, value in labels.items() if key != "__name__")
    pairs = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in rest)
    return f"{name}{{{pairs}}}" if pairs or not name else name


def _print_promtool(data: dict[str, Any]) -> None:
    """As `promtool query` prints."""
    if data["resultType"] in {"scalar", "string"}:
        time, value = data["result"]
        click.echo(f"{data['resultType']}: {value} @[{time}]")
        return
    if data["resultType"] == "matrix":
        for series in data["result"]:
            points = [f"{value} @[{time}]" for _, time, value in _rows(_only(data, series))]
            click.echo(f"{_selector(series['metric'])} =>\n" + "\n".join(points))
        return
    for labels, time, value in _rows(data):
        click.echo(f"{_selector(labels)} => {value} @[{time}]")


def _only(data: dict[str, Any], series: dict[str, Any]) -> dict[str, Any]:
    return {"resultType": data["resultType"], "result": [series]}


def _print_json(data: dict[str, Any]) -> None:
    click.echo(json.dumps(data, indent=2))


def _print_ndjson(data: dict[str, Any]) -> None:
    for labels, time, value in _rows(data):
        click.echo(json.dumps({"metric": labels, "time": time, "value": value}))


def _print_raw(data: dict[str, Any]) -> None:
    for _, _, value in _rows(data):
        click.echo(value)


def _print_csv(data: dict[str, Any]) -> None:
    rows = list(_rows(data))
    names = sorted({name for labels, _, _ in rows for name in labels})
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*names, "time", "value"])
    writer.writerows([*(labels.get(name, "") for name in names), t, v] for labels, t, v in rows)


def _print_table(data: dict[str, Any]) -> None:
    """A table: of an instant vector its values, of a matrix a line per series."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, header_style="bold")
    if data["resultType"] == "matrix":
        for name in ("series", "points", "first", "last"):
            table.add_column(name, overflow="fold")
        for series in data["result"]:
            points = [value for _, _, value in _rows(_only(data, series))]
            table.add_row(_selector(series["metric"]), str(len(points)), points[0], points[-1])
    else:
        table.add_column("series", overflow="fold")
        table.add_column("value", justify="right")
        for labels, _, value in _rows(data):
            table.add_row(_selector(labels), value)
    Console().print(table)


_PRINTERS = {
    "table": _print_table,
    "promtool": _print_promtool,
    "json": _print_json,
    "csv": _print_csv,
    "ndjson": _print_ndjson,
    "raw": _print_raw,
}
