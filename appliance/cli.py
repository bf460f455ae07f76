"""Command line: arguments → one call per subcommand.

Imports nothing but click, so that `--help` answers at once; a subcommand's module is loaded when
the subcommand is.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Subcommand → (module, attribute, one line of help).
_COMMANDS = {
    "up": ("appliance.commands.up", "up", "Run the server."),
    "check": ("appliance.commands.check", "check", "Check configuration files, all at once."),
    "demo": ("appliance.commands.demo", "demo", "Send a small shop's metrics, logs and traces."),
    "query": ("appliance.commands.query", "query", "Ask a running server (PromQL, LogQL)."),
    "tail": ("appliance.commands.tail", "tail", "Show log entries as they come."),
    "logs": ("appliance.commands.logs", "logs", "Export and import log entries."),
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


class LazyGroup(click.Group):
    """A group whose subcommands are imported at first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now."""
        if name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when one is misspelt."""
        import difflib  # noqa: PLC0415 - only on this path

        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, _COMMANDS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"no such command {name!r}{hint} (commands: {', '.join(_COMMANDS)})")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Metrics, logs, traces, alerts and errors in one process.

    `appliance up` starts the server; http://127.0.0.1:3000 shows what it has received.
    """


def main(args: Sequence[str] | None = None) -> Any:
    """Entry point of the `appliance` program."""
    return cli.main(args=args, prog_name="appliance")
