"""Options that several commands have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def addr(default: str, what: str = "Server.") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--addr`: the server to ask; `APPLIANCE_ADDR` names one that has everything on one port."""
    return click.option(
        "--addr", envvar="APPLIANCE_ADDR", default=default, show_default=True, help=what
    )
