"""Links of dashboards, panels and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.dashboards.fields import Link
from appliance.dashboards.loose import flag, mappings, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_links(value: object) -> tuple[Link, ...]:
    """A list of links; those that lead nowhere are left out."""
    found = [_link(item) for item in mappings(value)]
    return tuple(link for link in found if link.url or link.kind == "dashboards")


def _link(item: Mapping[str, Any]) -> Link:
    kind = text(item.get("type"))
    return Link(
        title=text(item.get("title")),
        url=text(item.get("url")) or _old_url(item, kind),
        kind="dashboards" if kind == "dashboards" else "link",
        tooltip=text(item.get("tooltip")),
        icon=text(item.get("icon")),
        tags=texts(item.get("tags")),
        as_dropdown=flag(item.get("asDropdown")),
        include_variables=flag(item.get("includeVars")),
        keep_time=flag(item.get("keepTime")),
        target_blank=flag(item.get("targetBlank")),
    )


def _old_url(item: Mapping[str, Any], kind: str) -> str:
    """Where links of panels lead that name a dashboard (Grafana up to 6)."""
    uri = text(item.get("dashUri"))
    params = text(item.get("params")).lstrip("?")
    slug = "-".join(text(item.get("dashboard")).lower().split())
    url = f"/dashboard/{uri}" if uri else f"/dashboard/db/{slug}" if slug else ""
    if kind == "absolute" or not url:
        return ""
    return f"{url}?{params}" if params else url
