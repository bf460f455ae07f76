"""Loki's API over a plain list of entries."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any
from unittest.mock import Mock

from appliance.api.loki.routes import LokiDeps, make_app
from tests.api.serving import Client, http_deps, serving
from tests.sources import PlainLogs

S = 10**9
NOW = 1_700_000_000 * S  # what the manual clock shows


def loki(logs: PlainLogs, **deps: Any) -> AbstractAsyncContextManager[Client]:
    """A server whose usual tenant has these entries; others have none."""

    def source(tenant: str) -> PlainLogs:
        return logs if tenant == "anonymous" else PlainLogs()

    deps.setdefault("door", Mock())
    return serving(make_app(http_deps(), LokiDeps(source, **deps)))
