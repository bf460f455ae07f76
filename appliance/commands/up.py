"""`appliance up`: run the server until SIGINT or SIGTERM."""

from __future__ import annotations

import gc
import os
import sys

import click

#: Exit codes (docs/reference/cli.md).
EXIT_CONFIG, EXIT_PORT, EXIT_STORE = 2, 3, 4


@click.command()
@click.option(
    "-c",
    "--config",
    metavar="FILE",
    help="appliance.yml (default: ./appliance.yml if there is one).",
)
@click.option("--data", metavar="DIR", help="Data directory (default: ./appliance-data).")
@click.option("--ephemeral", is_flag=True, help="Keep everything in a temporary directory.")
@click.option("--only", metavar="NAME,NAME…", help="Open just these listeners.")
@click.option(
    "--listen",
    multiple=True,
    metavar="NAME=[HOST:]PORT",
    help="Where one listener listens; repeatable. Port 0 picks a free one.",
)
@click.option("--port-offset", type=int, metavar="N", help="Add N to every port.")
@click.option("--host", metavar="ADDR", help="Address of all listeners (default: 127.0.0.1).")
@click.option("--prometheus-config", metavar="FILE", help="An unmodified prometheus.yml.")
@click.option("--alertmanager-config", metavar="FILE", help="An unmodified alertmanager.yml.")
@click.option("--promtail-config", metavar="FILE", help="An unmodified promtail-config.yml.")
@click.option("--external-url", metavar="URL", help="How users reach this server.")
@click.option(
    "--set", "settings", multiple=True, metavar="SECTION.KEY=VALUE", help="Any setting; repeatable."
)
@click.option(
    "--insecure-no-auth", is_flag=True, help="Serve addresses other than loopback without a token."
)
@click.option(
    "--storage.tsdb.retention.time",
    "retention_time",
    metavar="DURATION",
    help="Prometheus' flag: how long metrics are kept.",
)
@click.option("--open", "opens_pages", is_flag=True, help="Show the pages in a browser.")
@click.option("--log-format", type=click.Choice(["console", "json"]), help="Form of the log.")
def up(**options: object) -> None:
    """Run the server.

    It receives OTLP, Loki pushes and scrapes, and serves the APIs of Prometheus, Loki, Tempo and
    Jaeger. Without options it listens on 127.0.0.1 and keeps its data in ./appliance-data.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads cost start-up time and memory
    gc.disable()  # nothing made while starting is garbage; `app.serve` enables it again
    from appliance.app import run  # noqa: PLC0415 - `--help` needs none of it

    sys.exit(run(as_flags(options), opens_pages=bool(options["opens_pages"])))


def as_flags(options: dict[str, object]) -> dict[str, str]:
    """Options as dotted settings: what the command line says wins over every other source.

    Raises:
        click.UsageError: `--listen` or `--set` without `=`.
    """
    names = {
        "data": "data",
        "only": "listen.only",
        "port_offset": "listen.port_offset",
        "host": "listen.host",
        "prometheus_config": "prometheus.config",
        "alertmanager_config": "alertmanager.config",
        "promtail_config": "promtail.config",
        "external_url": "external_url",
        "retention_time": "retention.metrics",
        "log_format": "log.format",
        "config": "config",
    }
    flags = {
        name: str(options[option]) for option, name in names.items() if options[option] is not None
    }
    for switch in ("ephemeral", "insecure_no_auth"):
        if options[switch]:
            flags[switch] = "true"
    for pair in _pairs(options["listen"], "--listen NAME=[HOST:]PORT"):
        flags["listen." + pair[0]] = pair[1]
    flags.update(_pairs(options["settings"], "--set section.key=value"))
    return flags


def _pairs(items: object, form: str) -> list[tuple[str, str]]:
    found = []
    for item in items if isinstance(items, tuple) else ():
        name, equals, value = item.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{item!r} is not of the form {form}")
        found.append((name, value))
    return found
