"""Command line: arguments → one call per subcommand.

Imports nothing but click, so that `--help` answers at once; a subcommand's module is loaded when
the subcommand is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from appliance.commands.lazy import LazyGroup, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS: Rows = {
    "up": ("appliance.commands.up", "up", "Run the server."),
    "check": ("appliance.commands.check", "check", "Check configuration files, all at once."),
    "demo": ("appliance.commands.demo", "demo", "Send a small shop's metrics, logs and traces."),
    "query": ("appliance.commands.query", "query", "Ask a server: PromQL, LogQL, TraceQL."),
    "trace": ("appliance.commands.trace", "trace", "Show a trace as a tree; import, export."),
    "tail": ("appliance.commands.tail", "tail", "Show log entries as they come."),
    "logs": ("appliance.commands.logs", "logs", "Export and import log entries."),
    "alerts": ("appliance.commands.alerting.alerts", "alerts", "Alerts: list, add, what happened."),
    "silence": ("appliance.commands.alerting.silence", "silence", "Silences: list, add, end."),
    "notify": ("appliance.commands.alerting.notify", "notify", "Notifications: list, repeat, try."),
    "route": ("appliance.commands.alerting.route", "route", "Show where an alert would go."),
    "oncall": ("appliance.commands.alerting.oncall", "oncall", "On-call duty: who, shifts."),
    "import": ("appliance.commands.import_", "import_", "Import metrics from OpenMetrics text."),
    "export": ("appliance.commands.export", "export", "Export metrics as OpenMetrics text."),
    "test": ("appliance.commands.test", "test", "Run unit tests of rules."),
    "promtail": (
        "appliance.commands.promtail",
        "promtail",
        "Show what a promtail pipeline does to a file.",
    ),
    "tsdb": ("appliance.commands.tsdb", "tsdb", "Show which metrics have the most series."),
    "version": ("appliance.commands.version", "version", "Print the version."),
}


@click.group(
    cls=LazyGroup, rows=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
def cli() -> None:
    """Metrics, logs, traces, alerts and errors in one process.

    `appliance up` starts the server; http://127.0.0.1:3000 shows what it has received.
    """


def main(args: Sequence[str] | None = None) -> Any:
    """Entry point of the `appliance` program."""
    return cli.main(args=args, prog_name="appliance")
