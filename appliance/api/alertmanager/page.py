"""`/` of the alertmanager listener: links that point into the original's page lead to ours.

Such links have what they mean after `#`, which browsers do not send: a script on the page reads it.
"""

from __future__ import annotations

import html

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.ui.overview import Endpoints

_SCRIPT_PATH = "/assets/deep-links.js"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Alertmanager</title>
<script src="{script}" data-pages="{pages}" defer></script>
</head>
<body>
<h1>Alertmanager</h1>
<p>Alerts and silences are shown at <a id="pages" href="{pages}/alerts">{pages}/alerts</a>.</p>
</body>
</html>
"""
#: `#/alerts?filter={…}` → `/alerts?m={…}`, and likewise for silences and the status.
_SCRIPT = """"use strict";
{
  const pages = document.currentScript.dataset.pages;
  const [path, query] = window.location.hash.replace(/^#/, "").split(/\\?(.*)/s);
  const given = new URLSearchParams(query || "");
  const wanted = new URLSearchParams();
  for (const [name, value] of given) wanted.append(name === "filter" ? "m" : name, value);
  const known = /^\\/(alerts|status|silences(\\/new|\\/[0-9a-fA-F-]{36}(\\/edit)?)?)\\/?$/;
  const target = known.test(path) ? path.replace(/\\/$/, "") : "/alerts";
  const search = wanted.toString();
  window.location.replace(pages + target + (search ? "?" + search : ""));
}
"""


def routes() -> list[web.RouteDef]:
    """The page and its script."""
    return [web.get("/", _page), web.get(_SCRIPT_PATH, _script)]


async def _page(request: web.Request) -> web.Response:
    url = request.app[ALERTMANAGER].ui_url().rstrip("/")
    pages = html.escape(Endpoints({"ui": url}).seen_from(request.url.host).ui)
    text = _PAGE.format(script=_SCRIPT_PATH, pages=pages)
    return web.Response(text=text, content_type="text/html", headers=_HEADERS)


async def _script(_request: web.Request) -> web.Response:
    return web.Response(text=_SCRIPT, content_type="text/javascript", headers=_HEADERS)
