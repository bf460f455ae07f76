"""Where entries go: into our own store, together with the marks of what was read, and to others.

Invariants:
- Marks are committed in the same transaction as the entries they stand for; where nothing goes into
  our own store, after the other servers have taken the entries or they were given up.
- Nothing is dropped because the store is busy or full: whoever sends waits.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from appliance.base.errors import ApplianceError, BadInput, LimitExceeded, Unavailable
from appliance.base.tasks import spawn
from appliance.ingest.tail.client import PushClient, with_external
from appliance.ingest.tail.metrics import OWN_HOST
from appliance.model.tenant import is_tenant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.ingest.tail.config import PromtailConfig
    from appliance.ingest.tail.metrics import TailMetrics
    from appliance.ingest.tail.streams import LineLimits, TenantStream
    from appliance.model.accepted import Accepted
    from appliance.model.log import StreamBatch

_log = logging.getLogger(__name__)
#: Tenant and labels that a client of ourselves adds.
_Own = tuple[str, tuple[tuple[str, str], ...]]
#: What waits for other servers at the end may take so long.
_LAST_SENDS_SECONDS = 3.0
#: Lines that were refused are logged this often.
_TELL_SECONDS = 10.0
_FIRST_WAIT_SECONDS, _LAST_WAIT_SECONDS = 0.25, 10.0
#: What a Loki beside promtail is usually called.
OWN_NAMES = frozenset(
    {
        "loki",
        "appliance",
        "localhost",
        "127.0.0.1",
        "::1",
        "0.0.0.0",  # noqa: S104 - compared, not bound
        "host.docker.internal",
        "loki-gateway",
    }
)
_LOKI_PORTS = frozenset({3100, None})
_PUSH_PATHS = frozenset({"/loki/api/v1/push", "/api/prom/push", "", "/"})


class MarkedDoor(Protocol):
    """Where entries enter our own store (`ingest/logs.py`)."""

    async def accept_many(
        self,
        requests: Sequence[tuple[str, Sequence[StreamBatch]]],
        marks: Mapping[str, str],
        *,
        source: str = "",
    ) -> Accepted:
        """Store entries of several tenants, and marks, in one transaction; after the commit."""
        ...


def is_own(url: str, own_ports: frozenset[int]) -> bool:
    """Whether a client's address means this server: a usual name of a Loki at a port of ours.

    Args:
        own_ports: Ports at which this server takes pushes.
    """
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    is_named = name in OWN_NAMES or name.split(".")[0] == "loki"
    return is_named and port in _LOKI_PORTS | own_ports and parts.path in _PUSH_PATHS


class Outlet:
    """See the module's docstring.

    Args:
        config: Its clients; none stand for our own store.
        own_ports: See `is_own`.
        tenant: Whose entries are those of no tenant.
        directory: Where the configuration's files are.
    """

    def __init__(
        self,
        config: PromtailConfig,
        door: MarkedDoor,
        clock: Clock,
        *,
        metrics: TailMetrics,
        limits: LineLimits,
        own_ports: frozenset[int],
        tenant: str,
        directory: Path,
    ) -> None:
        self._door = door
        self._clock = clock
        self._metrics = metrics
        self._limits = limits
        self._tenant = tenant
        clients = [*config.clients, *([config.client] if config.client else [])]
        own: list[_Own] = [] if clients else [("", ())]
        self.others: list[PushClient] = []
        for client in clients:
            if is_own(client.url.reveal(), own_ports):
                own.append((client.tenant_id, tuple(client.external_labels.items())))
            else:
                other = PushClient(client, clock, metrics, directory=directory)
                self.others.append(other)
        self._own = list(dict.fromkeys(own))
        self._tasks: list[asyncio.Task[None]] = []
        self._complaint = ""
        self._refused = 0
        self._told_at = -_TELL_SECONDS

    def status(self) -> list[tuple[str, bool, str]]:
        """Address, whether it is our own store, and what is wrong, of each client."""
        own = [("", True, self._complaint)] if self._own else []
        return own + [(other.shown_url, False, other.error) for other in self.others]

    def start(self) -> None:
        """Begin to send to others in the background."""
        if self._own:
            self._tasks = [
                spawn(other.run(), name=f"push to {other.shown_url}") for other in self.others
            ]

    async def close(self) -> None:
        """Send to others what waits for them, for a while, and stop."""
        for other in self.others:
            other.end()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_LAST_SENDS_SECONDS)
            for task in late:
                task.cancel()
        for other in self.others:
            await other.close()

    async def send(
        self, streams: Sequence[TenantStream], marks: Mapping[str, str], *, source: str
    ) -> None:
        """Deliver entries, and commit the marks of what they were read from.

        Args:
            source: The job.

        Returns:
            After the commit.
        """
        cut = self._limits.cut(self._of_tenants(streams))
        if self._own:
            for other in self.others:
                other.put(cut)
            await self._store(self._requests(cut), marks, source)
            return
        await asyncio.gather(*[other.send(cut) for other in self.others])
        await self._store([], marks, source)

    def _of_tenants(self, streams: Sequence[TenantStream]) -> list[TenantStream]:
        """Streams less those whose tenant is none; stages may have taken it from a line."""
        kept = [(tenant, batch) for tenant, batch in streams if not tenant or is_tenant(tenant)]
        if len(kept) < len(streams):
            bad = [one for one in streams if one[0] and not is_tenant(one[0])]
            count = sum(len(batch.lines) for _, batch in bad)
            self._metrics.dropped("ingester_error", count, 0)
            self._refused += count
            self._tell_of_refused(f"{bad[-1][0][:150]!r} is not a tenant")
        return kept

    def _requests(self, streams: Sequence[TenantStream]) -> list[tuple[str, list[StreamBatch]]]:
        """What each of the clients that are ourselves stores; the same is stored once."""
        found: dict[str, list[StreamBatch]] = {}
        for own, external in self._own:
            for tenant, batch in streams:
                stored = with_external(batch, dict(external)) if external else batch
                found.setdefault(tenant or own or self._tenant, []).append(stored)
        return list(found.items())

    async def _store(
        self,
        requests: list[tuple[str, list[StreamBatch]]],
        marks: Mapping[str, str],
        source: str,
    ) -> None:
        """Store, however long it takes; what cannot ever be stored is left out and counted."""
        if not requests and not marks:
            return
        wait = _FIRST_WAIT_SECONDS
        while True:
            try:
                accepted = await self._door.accept_many(requests, marks, source=f"job {source}")
            except (Unavailable, LimitExceeded, BadInput) as error:
                if requests and not (isinstance(error, Unavailable) or _is_retryable(error)):
                    self._give_up(requests, error)
                    requests = []
                    continue
                self._complain(error.message)
                await self._clock.sleep(wait)
                wait = min(2 * wait, _LAST_WAIT_SECONDS)
                continue
            self._count(accepted)
            return

    def _count(self, accepted: Accepted) -> None:
        self._metrics.sent_entries.labels(OWN_HOST).inc(accepted.count)
        self._complain("")
        if accepted.rejected_count:
            self._metrics.dropped("ingester_error", accepted.rejected_count, 0)
            self._refused += accepted.rejected_count
            self._tell_of_refused(accepted.describe())

    def _tell_of_refused(self, reason: str) -> None:
        now = self._clock.monotonic()
        if now - self._told_at >= _TELL_SECONDS:
            _log.warning("%d lines were not stored, the last ones: %s", self._refused, reason)
            self._refused, self._told_at = 0, now

    def _give_up(
        self, requests: list[tuple[str, list[StreamBatch]]], error: ApplianceError
    ) -> None:
        lines = sum(len(batch.lines) for _, batches in requests for batch in batches)
        self._metrics.dropped("ingester_error", lines, 0)
        _log.warning("%d lines were not stored: %s", lines, error.message)

    def _complain(self, message: str) -> None:
        """Log a trouble once."""
        if message and message != self._complaint:
            _log.warning("log lines wait to be stored: %s", message)
        self._complaint = message


def _is_retryable(error: ApplianceError) -> bool:
    return isinstance(error, LimitExceeded) and error.retryable
