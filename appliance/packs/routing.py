"""Which pack says who is told, when there is no `alertmanager.yml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from appliance.packs.load import Pack


@dataclass(frozen=True, slots=True)
class RoutingChoice:
    """The routing of the first pack that has one.

    Attributes:
        path: The file, None when it cannot be used.
        message: Why there is none, for people; empty when there is one or no pack has any.
    """

    path: Path | None = None
    message: str = ""


def choose_routing(packs: Iterable[Pack]) -> RoutingChoice:
    """The routing to use; only the first pack that has one counts."""
    pack = next((pack for pack in packs if pack.routing is not None), None)
    if pack is None:
        return RoutingChoice()
    if not pack.missing:
        return RoutingChoice(pack.routing)
    are = "are" if pack.missing[1:] else "is"
    message = (
        f"the routing of pack {pack.name!r} is not used: {', '.join(pack.missing)} {are} not set;"
        " set them in the environment or in .env, or give alertmanager.config"
    )
    return RoutingChoice(None, message)
