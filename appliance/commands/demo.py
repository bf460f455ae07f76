"""`appliance demo`: a small shop sends metrics, logs, traces and an alert to a running server."""

from __future__ import annotations

import asyncio

import click


@click.command()
@click.option("--otlp", default="http://127.0.0.1:4318", show_default=True, help="OTLP over HTTP.")
@click.option("--loki", default="http://127.0.0.1:3100", show_default=True, help="Loki push API.")
@click.option(
    "--alertmanager", default="http://127.0.0.1:9093", show_default=True, help="Takes one alert."
)
@click.option("--backfill", default=15, show_default=True, help="Minutes of history to send first.")
@click.option("--rate", default=2.0, show_default=True, help="Requests per second of the shop.")
@click.option("--once", is_flag=True, help="Send the history and stop.")
def demo(
    *, otlp: str, loki: str, alertmanager: str, backfill: int, rate: float, once: bool
) -> None:
    """Send a small shop's metrics, logs, traces and an alert, until Ctrl-C."""
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - `--help` needs none of these
    from appliance.base.errors import Unavailable  # noqa: PLC0415
    from appliance.demo.sender import Sender  # noqa: PLC0415

    sender = Sender(
        otlp.rstrip("/"),
        loki.rstrip("/"),
        alertmanager=alertmanager.rstrip("/"),
        rate=rate,
        clock=SystemClock(),
    )
    try:
        asyncio.run(sender.run(backfill_minutes=backfill, once=once, say=click.echo))
    except KeyboardInterrupt:
        click.echo(sender.summary())
    except Unavailable as error:
        raise click.ClickException(error.message) from error
