"""What Loki's API is given to work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from appliance.api.http import valid_tenant
from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.model.accepted import Accepted
    from appliance.model.log import StreamBatch
    from appliance.model.sources import LogSource, LogWatch

PREFIX = "/loki/api/v1"
_MOST_CHARACTERS = 150
_IN_TENANTS = frozenset("!-_.*'()")


class LogDoor(Protocol):
    """Where pushed entries go (`ingest/logs.py`)."""

    async def accept(
        self, tenant: str, streams: Sequence[StreamBatch], *, source: str = ""
    ) -> Accepted:
        """Store entries; returns after the commit. `source`: who sends them, for people."""
        ...


@dataclass(frozen=True, slots=True)
class LokiDeps:
    """What the API needs.

    Attributes:
        logs: Log entries of a tenant.
        watch: Tells of entries as they are stored; None: tails end where history does.
        flush: Seals everything; a plain call that may take long.
        config: The configuration in use, as YAML without secrets.
        limits: What a tenant may do, by Loki's names.
    """

    logs: Callable[[str], LogSource]
    door: LogDoor
    watch: LogWatch | None = None
    flush: Callable[[], object] = lambda: None
    config: Callable[[], str] = lambda: ""
    limits: Callable[[str], Mapping[str, object]] = lambda _: {}


LOKI = web.AppKey("loki", LokiDeps)


def tenant_of(request: web.Request) -> str:
    """The tenant whose logs are asked for.

    Raises:
        BadInput: Not one tenant's name; queries over several (`a|b`) are off, as Loki has it.
    """
    tenant = request.headers.get("X-Scope-OrgID", "")
    if len(tenant) > _MOST_CHARACTERS:
        raise BadInput(f"tenant ID is too long: max {_MOST_CHARACTERS} characters")
    if tenant in {".", ".."}:
        raise BadInput("tenant ID is '.' or '..'")
    for character in tenant:
        if not (character.isascii() and character.isalnum()) and character not in _IN_TENANTS:
            raise BadInput(f"tenant ID '{tenant}' contains unsupported character '{character}'")
    return valid_tenant(tenant)


def source_of(request: web.Request) -> LogSource:
    """The tenant's entries."""
    return request.app[LOKI].logs(tenant_of(request))
