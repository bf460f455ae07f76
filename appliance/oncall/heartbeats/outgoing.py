"""Tells others that alerting works: an address is asked for while an alert keeps arriving.

The alert is one that always fires; it comes through rules and Alertmanager, so that the sign of
life stops when any part of that chain does. Whoever waits at the address raises the alarm then.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput, TimedOut, Unavailable
from appliance.base.tasks import spawn
from appliance.config.secret import mask_url_passwords
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.matcher import matches_all

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from appliance.alertmanager.dispatch.agenda import Agenda, Entry
    from appliance.http_client.client import HttpClient
    from appliance.oncall.config import Heartbeats, OutgoingHeartbeat
    from appliance.oncall.deps import OncallDeps
    from appliance.oncall.metrics import HeartbeatMetrics

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ping:
    """One address.

    Attributes:
        state: `sent`, `failed`, or `silent` while the alert does not arrive; empty before the first
            time.
        at_ns: When it was sent last.
    """

    name: str
    config: OutgoingHeartbeat
    client: HttpClient
    state: str = ""
    error: str = ""
    at_ns: int = 0


class Outgoing:
    """Used on the event loop only."""

    def __init__(self, deps: OncallDeps, agenda: Agenda, metrics: HeartbeatMetrics) -> None:
        self._deps = deps
        self._agenda = agenda
        self._metrics = metrics
        self._entries: dict[str, Entry] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.pings: list[Ping] = []

    def apply(self, config: Heartbeats, directory: Path) -> None:
        """Send these from now on."""
        for entry in self._entries.values():
            entry.cancel()
        self._entries.clear()
        if not config.outgoing:
            self.pings = []
            return
        from appliance.config.http_client import rebased  # noqa: PLC0415 - rarely needed
        from appliance.http_client.client import HttpClient  # noqa: PLC0415 - the HTTP library

        self.pings = []
        for number, one in enumerate(config.outgoing):
            section = rebased(one.http_config, directory)
            client = HttpClient(section, self._deps.session, self._deps.clock, directory=directory)
            ping = Ping(one.name or str(number), one, client)
            self.pings.append(ping)
            self._recur(ping)

    async def stop(self) -> None:
        """Stop what is under way."""
        for task in list(self._tasks):
            task.cancel()

    def _recur(self, ping: Ping) -> None:
        def again() -> None:
            self._recur(ping)
            task = spawn(self._send(ping), name=f"heartbeat {ping.name}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._entries[ping.name] = self._agenda.after(ping.config.every.seconds, again)

    def _is_arriving(self, ping: Ping) -> bool:
        """Whether the alert fires; its sender moves its end for as long as it works."""
        now_ns = self._deps.clock.now_ns()
        return any(
            matches_all(ping.config.while_receiving, alert.labels) and not alert.is_resolved(now_ns)
            for alert in self._deps.alertmanager.firing()
        )

    async def _send(self, ping: Ping) -> None:
        if not self._is_arriving(ping):
            matchers = ", ".join(map(str, ping.config.while_receiving))
            self._note(ping, "silent", f"no alert arrives that matches {matchers}")
            return
        timeout = ping.config.timeout.seconds
        url = ping.config.url.reveal()
        error = ""
        try:
            async with ping.client.request(url, timeout_seconds=timeout) as response:
                await response.content.read(1 << 16)
                if response.status // 100 != 2:
                    error = f"the server answers {response.status}"
        except (BadInput, TimedOut, Unavailable) as failure:
            error = mask_url_passwords(str(failure).replace(url, "<secret>"))
        ping.at_ns = self._deps.clock.now_ns()
        self._note(ping, "failed" if error else "sent", error)

    def _note(self, ping: Ping, state: str, error: str) -> None:
        self._metrics.pings.labels(ping.name, state).inc()
        before, ping.state, ping.error = ping.state, state, error
        if before == state:
            return
        if state != "sent":
            _log.error("heartbeat %s is not sent: %s", ping.name, error)
        detail = {"heartbeat": ping.name, "direction": "outgoing", "state": state, "error": error}
        now_ns = self._deps.clock.now_ns()
        self._deps.recorder.record(AlertEvent(now_ns, EventKind.HEARTBEAT, detail=detail))
