"""Templates to HTML. Jinja2 is loaded at the first page, not at the start of the process."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from appliance.ui import format as form
from appliance.ui.assets import BUILD_COMMAND, Assets

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
#: The pages there are, in the order of the navigation: group, then path, name and icon.
NAVIGATION = (
    (
        "Explore",
        (
            ("/", "Home", "home"),
            ("/metrics", "Metrics", "metrics"),
            ("/logs", "Logs", "logs"),
            ("/traces", "Traces", "traces"),
            ("/services", "Services", "services"),
            ("/dashboards", "Dashboards", "dashboards"),
        ),
    ),
    (
        "Alerting",
        (
            ("/alerts", "Alerts", "alerts"),
            ("/silences", "Silences", "silences"),
            ("/notifications", "Notifications", "notifications"),
            ("/oncall", "On-call", "oncall"),
            ("/runbooks", "Runbooks", "runbooks"),
        ),
    ),
    (
        "Data",
        (
            ("/connect", "Connect", "connect"),
            ("/targets", "Targets", "targets"),
            ("/tail", "Tail", "tail"),
            ("/ingest", "Ingest", "ingest"),
            ("/push", "Push", "push"),
        ),
    ),
    (
        "System",
        (
            ("/storage", "Storage", "storage"),
            ("/config", "Config", "config"),
            ("/status", "Status", "status"),
        ),
    ),
)
#: Listeners as people call them; others keep their own name.
_LISTENERS = {
    "ui": "Pages",
    "prometheus": "Prometheus",
    "alertmanager": "Alertmanager",
    "loki": "Loki",
    "tempo": "Tempo",
    "jaeger": "Jaeger",
    "otlp_grpc": "OTLP gRPC",
    "otlp_http": "OTLP HTTP",
    "pushgateway": "Pushgateway",
    "zipkin": "Zipkin",
    "jaeger_thrift_http": "Jaeger Thrift",
    "jaeger_grpc": "Jaeger gRPC",
    "jaeger_thrift_udp": "Jaeger Thrift UDP",
    "jaeger_thrift_binary_udp": "Jaeger binary UDP",
    "jaeger_agent_zipkin_udp": "Zipkin Thrift UDP",
    "jaeger_query_grpc": "Jaeger query gRPC",
    "tempo_grpc": "Tempo gRPC",
    "otel_metrics": "Own metrics",
}


def encoded(document: object) -> bytes:
    """A value as JSON; names of files may not be UTF-8 (PEP 383), their odd bytes become `?`."""
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        return json.dumps(document, ensure_ascii=False).encode(errors="replace")


class Pages:
    """Renders templates with what every page needs.

    Rendering is a plain call that may take some milliseconds (the first one more, as it compiles
    the template): call it in a worker thread.

    Args:
        assets: The front-end files to refer to.
        version: The product's version, for the footer.
    """

    def __init__(self, assets: Assets, version: str) -> None:
        self._assets = assets
        self._version = version

    @functools.cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - lazy

        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for name in ("count", "size", "duration", "ago", "rate", "clock", "iso"):
            environment.filters[name] = getattr(form, name)
        environment.filters["listener"] = lambda name: _LISTENERS.get(name, name.replace("_", " "))
        environment.filters["segment"] = lambda name: quote(str(name), safe="", errors="replace")
        environment.filters["props"] = lambda value: encoded(value).decode()
        environment.globals |= {
            "asset": self._assets.url,
            "navigation": NAVIGATION,
            "build_command": BUILD_COMMAND,
            "version": self._version,
        }
        return environment

    def render(self, template: str, path: str, **context: Any) -> str:
        """One page.

        Args:
            template: File name in templates/.
            path: The page's own path, to mark it in the navigation.
            context: What the template names; a name it lacks is an error.
        """
        return self._environment.get_template(template).render(
            path=path, is_built=self._assets.is_built, **context
        )
