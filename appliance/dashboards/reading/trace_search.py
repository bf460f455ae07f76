"""Searches for traces that are forms in Grafana, as TraceQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from appliance.dashboards.loose import mappings, text, texts
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAIR = re.compile(r'([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
_SCOPES = {"resource": "resource.", "span": "span.", "event": "event.", "link": "link."}
#: What Grafana's form names without a scope although it is no attribute.
_INTRINSICS = frozenset(
    ["duration", "kind", "name", "rootName", "rootServiceName", "status", "statusMessage",
     "traceDuration"]
)  # fmt: skip
_BARE = frozenset(["int", "float", "duration", "keyword", "boolean", "bool"])


def from_filters(query: Mapping[str, Any]) -> str:
    """The query of Tempo's search form (`filters`)."""
    found = []
    for item in mappings(query.get("filters")):
        values = [value for value in texts(item.get("value")) if value]
        tag = text(item.get("tag"))
        if not tag or not values:
            continue
        scope = text(item.get("scope"))
        is_intrinsic = scope == "intrinsic" or ":" in tag or (not scope and tag in _INTRINSICS)
        name = tag if is_intrinsic else _SCOPES.get(scope, ".") + tag
        operator = text(item.get("operator")) or "="
        if len(values) > 1 and operator in {"=", "!="}:
            operator += "~"
        if operator == "=~~":
            operator = "=~"
        is_bare = text(item.get("valueType")) in _BARE and not operator.endswith("~")
        value = values[0] if is_bare else quote("|".join(values))
        found.append(f"{name} {operator} {value}")
    return "{" + " && ".join(found) + "}"


def from_form(query: Mapping[str, Any]) -> str:
    """The query of Jaeger's form, or of Tempo's old one: service, operation, tags, durations."""
    found = []
    service = text(query.get("service")) or text(query.get("serviceName"))
    if service and service != "All Services":
        found.append(f"resource.service.name = {quote(service)}")
    operation = text(query.get("operation")) or text(query.get("spanName"))
    if operation and operation.lower() not in {"all", "all operations"}:
        found.append(f"name = {quote(operation)}")
    tags = text(query.get("tags")) or text(query.get("search"))
    for name, quoted, plain in _PAIR.findall(tags):
        value = quoted or plain
        found.append("status = error" if name == "error" else f".{name} = {quote(value)}")
    for key, operator in (("minDuration", ">="), ("maxDuration", "<=")):
        if value := text(query.get(key)):
            found.append(f"traceDuration {operator} {value}")
    return "{" + " && ".join(found) + "}"
