"""Plain HTTP requests to a running server, for process and fault tests."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from appliance.testing import Appliance


def call(
    url: str,
    body: bytes | None = None,
    *,
    headers: dict[str, str] | None = None,
    method: str | None = None,
    **parameters: object,
) -> tuple[int, bytes]:
    """Status and body; error statuses are answers too."""
    if parameters:
        url += "?" + urllib.parse.urlencode(parameters, doseq=True)
    request = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def get_json(url: str, **parameters: object) -> Any:
    status, body = call(url + "?" + urllib.parse.urlencode(parameters, doseq=True))
    assert status == 200, (url, status, body[:500])
    return json.loads(body)


def query(server: Appliance, expression: str, **parameters: object) -> list[dict[str, Any]]:
    """Result of an instant PromQL query."""
    url = server.urls["prometheus"] + "/api/v1/query"
    found: list[dict[str, Any]] = get_json(url, query=expression, **parameters)["data"]["result"]
    return found


def log_lines(server: Appliance, expression: str, **parameters: object) -> list[tuple[int, str]]:
    """(time, line) of a LogQL query, ascending."""
    url = server.urls["loki"] + "/loki/api/v1/query_range"
    given = {"limit": 5000, "direction": "forward"} | parameters
    streams = get_json(url, query=expression, **given)["data"]["result"]
    return sorted((int(entry[0]), entry[1]) for stream in streams for entry in stream["values"])


def trace_spans(server: Appliance, trace_id: str) -> list[dict[str, Any]]:
    """Spans of a trace through the Tempo API; empty when it is not there."""
    status, body = call(server.urls["tempo"] + f"/api/traces/{trace_id}")
    if status == 404:
        return []
    assert status == 200, (status, body[:500])
    return [
        span
        for batch in json.loads(body)["batches"]
        for scope in batch["scopeSpans"]
        for span in scope["spans"]
    ]
