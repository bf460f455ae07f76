"""Handlers that are imported at their first request."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
from aiohttp import web

from appliance.api.http import base_app
from appliance.api.jaeger import routes as jaeger
from appliance.api.lazy import lazily
from appliance.api.traces import routes as traces
from tests.api.serving import http_deps, serving


async def test_a_handler_is_found_by_its_name() -> None:
    app = base_app("ui", http_deps())
    app.add_routes([web.get("/a", lazily("jaeger.metrics:min_step"))])
    async with serving(app) as client:
        assert (await client.get("/a")).json["data"] == 1


@pytest.mark.parametrize("module", [jaeger, traces])
def test_all_names_are_right(module: object) -> None:
    for names in module.TABLE.values():  # type: ignore[attr-defined]  # both have one
        for _, _, handler in names:
            path, _, name = handler.partition(":")
            assert callable(getattr(importlib.import_module(f"appliance.api.{path}"), name))


def test_routes_import_nothing_heavy() -> None:
    code = (
        "import sys, appliance.api.jaeger.routes, appliance.api.traces.routes\n"
        "print([name for name in sys.modules if name.startswith((\n"
        "    'google', 'opentelemetry', 'grpc', 'appliance.traces', 'appliance.correlate'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
