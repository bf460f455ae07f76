"""Groups of commands whose modules are loaded at first use.

Imports nothing but click, so that `--help` answers at once.
"""

from __future__ import annotations

import importlib
from typing import Any

import click

#: Name → (module, attribute, one line of help).
Rows = dict[str, tuple[str, str, str]]


class LazyGroup(click.Group):
    """A group whose subcommands are imported at first use.

    Args:
        rows: Its subcommands, in the order in which they are shown.
    """

    def __init__(self, *args: Any, rows: Rows, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rows = rows

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names in the order of the table."""
        return list(self.rows)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now."""
        if name not in self.rows:
            return None
        module, attribute, _ = self.rows[name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in self.rows.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when one is misspelt."""
        import difflib  # noqa: PLC0415 - only on this path

        name = args[0]
        if name not in self.rows and not name.startswith("-"):
            near = difflib.get_close_matches(name, self.rows, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"no such command {name!r}{hint} (commands: {', '.join(self.rows)})")
        return super().resolve_command(ctx, args)
