"""`appliance tsdb`: what the metrics of a running server consist of."""

from __future__ import annotations

from typing import Any

import click

from appliance.commands.options import addr

_TABLES = {
    "seriesCountByMetricName": ("Metrics with the most series", "metric", "series"),
    "labelValueCountByLabelName": ("Labels with the most values", "label", "values"),
    "memoryInBytesByLabelName": ("Labels whose values take the most room", "label", "bytes"),
    "seriesCountByLabelValuePair": ("Label pairs with the most series", "pair", "series"),
}


@click.group()
def tsdb() -> None:
    """Look at the metrics that are stored."""


@tsdb.command()
@addr("http://127.0.0.1:9090", "Address.")
@click.option("--limit", default=10, show_default=True, help="Rows per table.")
@click.option("--tenant", help="X-Scope-OrgID.")
@click.option("--token", envvar="APPLIANCE_TOKEN", help="Token, if the server wants one.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table")
def analyze(*, addr: str, limit: int, tenant: str | None, token: str | None, output: str) -> None:
    """Show where the series come from: cardinality by metric, label and pair."""
    import json  # noqa: PLC0415 - only when it is run

    from appliance.commands.client import Client  # noqa: PLC0415

    client = Client(addr, tenant, token)
    data = client.get("/api/v1/status/tsdb", {"limit": str(limit)})
    if output == "json":
        click.echo(json.dumps(data, indent=2))
        return
    _print(data)


def _print(data: dict[str, Any]) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    head = data["headStats"]
    console.print(f"{head['numSeries']:,} series, {head['numLabelPairs']:,} label pairs")
    for key, (title, name, value) in _TABLES.items():
        table = Table(title=title, title_justify="left", box=None, header_style="bold")
        table.add_column(name, overflow="fold")
        table.add_column(value, justify="right")
        for row in data[key]:
            table.add_row(row["name"], f"{row['value']:,}")
        console.print(table)
