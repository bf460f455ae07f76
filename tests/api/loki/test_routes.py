"""Loki's HTTP API: which paths there are."""

from __future__ import annotations

from appliance.api.loki.routes import routes


def test_readers_take_forms_too() -> None:
    found: dict[str, set[str]] = {}
    for route in routes():
        found.setdefault(route.path, set()).add(route.method)

    read = ["query", "query_range", "labels", "label", "label/{name}/values", "series"]
    for path in read:
        assert found[f"/loki/api/v1/{path}"] == {"GET", "POST"}, path
    for path in ("query", "label", "label/{name}/values", "series"):
        assert found[f"/api/prom/{path}"] == {"GET", "POST"}, path
    assert found["/loki/api/v1/push"] == {"POST"}
    assert found["/loki/api/v1/tail"] == {"GET"}
