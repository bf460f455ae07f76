"""Alertmanager's HTTP API (Alertmanager 0.34): all paths of the `alertmanager` listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.alertmanager import page, removed
from appliance.api.alertmanager.deps import ALERTMANAGER, AlertmanagerApiDeps
from appliance.api.alertmanager.framework import PREFIX, add_headers, operation, preflight
from appliance.api.alertmanager.metrics import Received, measured, show_facts
from appliance.api.errors import alertmanager, plain
from appliance.api.http import base_app, with_contract
from appliance.api.lazy import lazily

if TYPE_CHECKING:
    from appliance.api.http import Handler, HttpDeps

__all__ = ["ALERTMANAGER", "AlertmanagerApiDeps", "make_app", "routes"]

#: Method, path below the prefix and handler.
_API = (
    ("GET", "/status", "status:status"),
    ("GET", "/receivers", "status:receivers"),
    ("GET", "/alerts", "alerts:show"),
    ("POST", "/alerts", "alerts:receive"),
    ("GET", "/alerts/groups", "groups:show"),
    ("GET", "/silences", "silences:show_all"),
    ("POST", "/silences", "silences:receive"),
    ("GET", "/silence/{silenceID}", "silences:show"),
    ("DELETE", "/silence/{silenceID}", "silences:expire"),
)
#: What the original has not.
_BEYOND = (
    ("GET", "/api/ui/alerts/acks", "acks:show"),
    ("POST", "/api/ui/alerts/ack", "acks:ack"),
    ("POST", "/api/ui/alerts/unack", "acks:unack"),
    ("POST", "/api/ui/alerts/backtest", "backtest:run"),
    ("GET", "/api/ui/alerts/events", "record:events"),
    ("GET", "/api/ui/alerts/events/{id}", "record:event"),
    ("POST", "/api/ui/alerts/events/{id}/replay", "actions:replay"),
    ("GET", "/api/ui/alerts/explain", "explain:explain"),
    ("GET", "/api/ui/alerts/groups", "routing:groups"),
    ("POST", "/api/ui/alerts/route", "routing:route"),
    ("GET", "/api/ui/alerts/{fingerprint:[0-9a-f]{16}}", "routing:alert"),
    ("GET", "/api/ui/heartbeats", "heartbeats:show"),
    ("GET", "/api/ui/oncall", "oncall:show"),
    ("GET", "/api/ui/oncall/rotas/{name}", "oncall:rota"),
    ("GET", "/api/ui/oncall/overrides", "oncall:overrides"),
    ("POST", "/api/ui/oncall/overrides", "oncall:override"),
    ("DELETE", "/api/ui/oncall/overrides/{id}", "oncall:remove_override"),
    ("GET", "/api/ui/receivers", "routing:receivers"),
    ("POST", "/api/ui/receivers/{name}/test", "actions:test"),
    ("GET", "/ack/{token}", "ack_page:show"),
    ("POST", "/ack/{token}", "ack_page:acknowledge"),
    ("GET", "/api/heartbeat/{name}", "heartbeats:beat"),
    ("POST", "/api/heartbeat/{name}", "heartbeats:beat"),
    ("POST", "/api/pagerduty/webhook", "acks:pagerduty"),
)


def make_app(http: HttpDeps, deps: AlertmanagerApiDeps) -> web.Application:
    """The application of the `alertmanager` listener."""
    app = base_app("alertmanager", http, contract=alertmanager)
    app[ALERTMANAGER] = deps
    show_facts(http.telemetry)
    Received.of(http.telemetry)
    app.middlewares.insert(0, measured(http))  # around what makes answers of errors
    app.middlewares.append(preflight)
    app.on_response_prepare.append(add_headers)
    own = [*page.routes(), *removed.routes()]
    app.add_routes([*routes(), *with_contract(alertmanager, own)])
    return app


def routes() -> list[web.RouteDef]:
    """Paths for this port and the page's."""
    api = [
        _route(method, PREFIX + path, operation(lazily(f"alertmanager.{name}")))
        for method, path, name in _API
    ]
    beyond = [
        _route(method, path, lazily(f"alertmanager.{name}")) for method, path, name in _BEYOND
    ]
    return [*with_contract(alertmanager, api), *with_contract(plain, beyond)]


def _route(method: str, path: str, handler: Handler) -> web.RouteDef:
    options = {"allow_head": False} if method == "GET" else {}
    return web.RouteDef(method, path, handler, options)
