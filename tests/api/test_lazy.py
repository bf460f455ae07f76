"""Handlers that are imported at their first request."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from aiohttp import web

import appliance.api
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


async def test_an_import_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_handlers.py").write_text(
        "import threading\n"
        "imported_in = threading.current_thread()\n"
        "async def name(request):\n"
        "    from aiohttp import web\n"
        "    return web.Response(text=imported_in.name)\n"
    )
    monkeypatch.setattr(appliance.api, "__path__", [*appliance.api.__path__, str(tmp_path)])
    app = base_app("ui", http_deps())
    app.add_routes([web.get("/a", lazily("slow_handlers:name"))])
    async with serving(app) as client:
        names = [(await client.get("/a")).text for _ in range(2)]
    assert names[0] == names[1] != threading.current_thread().name


@pytest.mark.parametrize("module", [jaeger, traces])
def test_all_names_are_right(module: object) -> None:
    for names in module.TABLE.values():  # type: ignore[attr-defined]  # both have one
        for _, _, handler in names:
            path, _, name = handler.partition(":")
            assert callable(getattr(importlib.import_module(f"appliance.api.{path}"), name))


def test_routes_import_nothing_heavy() -> None:
    code = (
        "import sys, appliance.api.jaeger.routes, appliance.api.traces.routes\n"
        "import appliance.api.jaeger.grpc, appliance.api.zipkin.routes\n"
        "print([name for name in sys.modules if name.startswith((\n"
        "    'google', 'opentelemetry', 'grpc', 'appliance.traces', 'appliance.correlate'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
