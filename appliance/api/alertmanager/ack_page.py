"""`/ack/{token}`: what a link in a notification leads to.

The signature in the link is the authority: no token is asked for. Looking at the page does nothing,
for programs that scan mails follow links; the button on it acknowledges.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.http import HTTP
from appliance.api.request import parameters_of
from appliance.base.errors import BadInput, NotFound
from appliance.oncall.acks import Ack

if TYPE_CHECKING:
    from appliance.model.alert import Alert
    from appliance.oncall.links import Claim
    from appliance.oncall.service import Oncall

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
_FORM = """<form method="post">
<p><label>Your name <input name="by" value="{by}" required maxlength="200"></label></p>
<p><label>Comment <input name="comment" maxlength="1000"></label></p>
<p><button>Acknowledge</button></p>
</form>
"""
#: So many alerts are listed.
_MOST = 20


async def show(request: web.Request) -> web.Response:
    """`GET /ack/{token}`: what would be acknowledged."""
    oncall = request.app[ALERTMANAGER].oncall()
    try:
        claim = oncall.links.read(request.match_info["token"], request.app[HTTP].clock.now_ns())
    except (BadInput, NotFound) as error:
        return _refusal(error)
    alerts = _alerts(request, claim)
    if not alerts:
        return _page("Nothing to acknowledge", "<p>These alerts do not fire any more.</p>")
    already = _already(oncall, alerts)
    form = _FORM.format(by=html.escape(claim.by, quote=True))
    return _page("Acknowledge", f"{_listed(alerts)}{already}{form}")


async def acknowledge(request: web.Request) -> web.Response:
    """`POST /ack/{token}`: acknowledge."""
    oncall = request.app[ALERTMANAGER].oncall()
    now_ns = request.app[HTTP].clock.now_ns()
    try:
        claim = oncall.links.read(request.match_info["token"], now_ns)
        given = await parameters_of(request)
        by = given.get("by", "").strip() or claim.by or "somebody"
        comment = given.get("comment", "").strip()
        await oncall.acks.add(Ack(claim.kind, claim.key, by, comment, now_ns, "link"))
    except (BadInput, NotFound) as error:
        return _refusal(error)
    text = f"<p>Acknowledged by {html.escape(by)}.</p>"
    return _page("Acknowledged", text + _listed(_alerts(request, claim)))


def _alerts(request: web.Request, claim: Claim) -> list[Alert]:
    """Alerts that fire and that a link is about."""
    alertmanager = request.app[ALERTMANAGER].alertmanager
    firing = sorted(alertmanager.firing(), key=lambda one: one.labels)
    if claim.kind == "alert":
        return [one for one in firing if one.fingerprint == claim.key]
    return [
        one
        for one in firing
        if claim.key
        in {
            route.group_key(route.group_labels(one.labels)) for route in alertmanager.routes_of(one)
        }
    ]


def _already(oncall: Oncall, alerts: list[Alert]) -> str:
    acks = [ack for one in alerts if (ack := oncall.acks.of(one.fingerprint)) is not None]
    if not acks:
        return ""
    names = ", ".join(sorted({html.escape(ack.by) for ack in acks}))
    return f"<p>{len(acks)} of {len(alerts)} acknowledged already, by {names}.</p>\n"


def _listed(alerts: list[Alert]) -> str:
    lines = []
    for one in alerts[:_MOST]:
        labels = " ".join(f"{name}={value}" for name, value in one.labels if name != "alertname")
        summary = one.annotations.get("summary", "")
        text = " ".join(filter(None, [one.name, labels, f"— {summary}" if summary else ""]))
        lines.append(f"<li>{html.escape(text)}</li>")
    if len(alerts) > _MOST:
        lines.append(f"<li>and {len(alerts) - _MOST} more</li>")
    return f"<ul>{''.join(lines)}</ul>\n" if lines else ""


def _refusal(error: BadInput | NotFound) -> web.Response:
    text = f"<p>{html.escape(error.message)}</p>"
    return _page("Not acknowledged", text, 404 if isinstance(error, NotFound) else 410)


def _page(title: str, body: str, status: int = 200) -> web.Response:
    text = _PAGE.format(title=title, body=body)
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
