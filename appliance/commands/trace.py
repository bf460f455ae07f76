"""`appliance trace`: one trace by its id; traces from and to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from appliance.commands.lazy import LazyGroup, Rows

if TYPE_CHECKING:
    from click import Context

_COMMANDS: Rows = {
    "show": ("appliance.commands.trace_show", "show", "Show a trace as a tree (the default)."),
    "import": ("appliance.commands.trace_import", "import_", "Import traces from JSON files."),
    "export": ("appliance.commands.trace_export", "export", "Export a trace as JSON."),
}
_USUAL = "show"


class _TraceGroup(LazyGroup):
    """Without the name of a subcommand a trace is shown."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put the usual subcommand in front where there is none."""
        if args and args[0] not in {*self.rows, *self.get_help_option_names(ctx)}:
            args = [_USUAL, *args]
        return super().parse_args(ctx, args)


@click.group(cls=_TraceGroup, rows=_COMMANDS)
def trace() -> None:
    """Show, import and export traces: `appliance trace ID` shows one."""
