"""Links to Grafana's Explore as addresses of our pages.

Grafana 8 to 13: `left` holds a JSON object, or an array of from, to, data source and query; `panes`
an object of such objects. Only the first query counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Page and parameter by what the type or the name of a data source contains.
_PAGES = (
    ("loki", "/logs", "q"),
    ("prom", "/metrics", "g0.expr"),
    ("mimir", "/metrics", "g0.expr"),
    ("tempo", "/traces", "q"),
)


def explored(given: Mapping[str, str]) -> str:
    """The address of a page; `/logs` where nothing can be made out.

    Args:
        given: The link's parameters.
    """
    pane = _pane(given)
    query = _query(pane)
    text = next((query[key] for key in ("expr", "query") if isinstance(query.get(key), str)), "")
    path, name = _page(f"{query.get('datasource', '')} {pane.get('datasource', '')}", text)
    times = pane.get("range")
    window = times if isinstance(times, dict) else {}
    found = {name: text, "from": window.get("from"), "to": window.get("to")}
    kept = {key: str(value) for key, value in found.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def _pane(given: Mapping[str, str]) -> dict[str, Any]:
    try:
        left = orjson.loads(given.get("left") or "null")
        panes = orjson.loads(given.get("panes") or "null")
    except orjson.JSONDecodeError:
        return {}
    if isinstance(panes, dict) and panes:
        left = next(iter(panes.values()))
    if isinstance(left, list) and len(left) > 2:
        queries = [item for item in left[3:] if isinstance(item, dict)]
        window = {"from": left[0], "to": left[1]}
        return {"range": window, "datasource": left[2], "queries": queries}
    return left if isinstance(left, dict) else {}


def _query(pane: Mapping[str, Any]) -> dict[str, Any]:
    queries = pane.get("queries")
    found = queries[0] if isinstance(queries, list) and queries else {}
    return found if isinstance(found, dict) else {}


def _page(datasource: str, text: str) -> tuple[str, str]:
    low = datasource.lower()
    for word, path, name in _PAGES:
        if word in low:
            return path, name
    return ("/metrics", "g0.expr") if text and not text.lstrip().startswith("{") else ("/logs", "q")
