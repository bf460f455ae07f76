"""Integrations of a receiver, ready to send."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from appliance.config.http_client import HttpClientConfig, rebased
from appliance.notify.integration import IntegrationDeps
from appliance.notify.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import aiohttp

    from appliance.base.clock import Clock
    from appliance.notify.integration import Integration, Templates
    from appliance.notify.receiver import Receiver


def open_session() -> aiohttp.ClientSession:
    """A session for all notifications; close it in the end.

    A receiver that hangs must not use up the connections of all, and no receiver sets cookies.
    """
    import aiohttp  # noqa: PLC0415 - the HTTP library

    connector = aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


def build(
    receiver: Receiver,
    *,
    session: Callable[[], aiohttp.ClientSession],
    templates: Templates,
    clock: Clock,
    directory: Path,
) -> list[Integration]:
    """What tells the addressees of a receiver.

    Args:
        receiver: Resolved: what `global` gives is filled in.
        session: Gives the session that requests go through; it lives longer than the result.
        directory: Of the configuration file; file names in it are relative to it.
    """
    from appliance.http_client.client import HttpClient  # noqa: PLC0415 - the HTTP library

    found: list[Integration] = []
    for kind in KINDS.values():
        for index, config in enumerate(getattr(receiver, kind.key)):
            section = rebased(config.http_config or HttpClientConfig(), directory)
            http = HttpClient(section, session, clock, directory=directory)
            deps = IntegrationDeps(http, templates, clock, directory)
            made: Any = getattr(importlib.import_module(kind.module), kind.name)
            found.append(made(config, deps, index=index))
    return found
