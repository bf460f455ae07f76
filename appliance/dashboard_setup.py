"""Where a server's dashboards are, by its settings, and the library over them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.dashboards.library.library import DashboardLibrary
from appliance.dashboards.library.places import Places, Shelf, shipped_folder
from appliance.packs.load import load_packs
from appliance.packs.variables import replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.base.clock import Clock
    from appliance.settings.root import Settings

#: The folder of dashboards that come with the product.
SHIPPED = "Appliance"


def dashboard_library(
    settings: Callable[[], Settings],
    own: Path,
    clock: Clock,
    *,
    urls: Callable[[], Mapping[str, str]] = dict,
) -> DashboardLibrary:
    """The library of a server.

    Args:
        settings: Those in use now.
        own: Where dashboards are kept that people put here.
        urls: Where the listeners are, by name.
    """

    def places() -> Places:
        now = settings()
        pages = str(now.external_url or urls().get("ui", ""))
        return places_of(now, own, pages.rstrip("/"))

    return DashboardLibrary(places, clock)


def places_of(settings: Settings, own: Path | None = None, pages: str = "") -> Places:
    """All places, in the order in which they count."""
    return Places(
        patterns=settings.dashboards.grafana,
        provisioning=settings.dashboards.provisioning,
        shelves=(*_of_packs(settings, pages), Shelf(shipped_folder(), SHIPPED)),
        own=own,
        variables=settings.variables,
    )


def _of_packs(settings: Settings, pages: str) -> list[Shelf]:
    """Folders of the packs in use, with a site's names in their files."""
    if not settings.packs:
        return []
    base = settings.file.parent if settings.file else Path()
    try:
        packs = load_packs(settings.packs, settings.variables, directory=base, pages=pages)
    except BadInput:  # the start has told of it
        return []
    return [
        Shelf(
            pack.folder / "dashboards",
            pack.config.title or pack.name,
            partial(replaced, changes=pack.changes) if pack.changes else None,
        )
        for pack in packs
    ]
