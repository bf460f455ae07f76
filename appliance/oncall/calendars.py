"""Calendars of rotas: read again and again; what was read last outlives a restart."""

from __future__ import annotations

import base64
import logging
from functools import partial
from typing import TYPE_CHECKING

from appliance.base.errors import ApplianceError, BadInput, Unavailable
from appliance.base.tasks import attempt, offload, spawn
from appliance.oncall.deps import stored
from appliance.oncall.times import zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from appliance.alertmanager.dispatch.agenda import Agenda, Entry
    from appliance.oncall.config import Calendar, OncallConfig, Rota
    from appliance.oncall.deps import OncallDeps
    from appliance.oncall.schedule import Span

_log = logging.getLogger(__name__)
_KIND = "oncall-calendar"
_DAY_NS = 24 * 3600 * 10**9
#: What is looked at of a calendar: from so long ago to so far ahead.
_BEFORE_NS, _AHEAD_NS = 31 * _DAY_NS, 366 * _DAY_NS
_MOST_BYTES = 8 << 20
_TIMEOUT_SECONDS = 30.0


class Calendars:
    """Used on the event loop only; schedules ask from other threads, too."""

    def __init__(self, deps: OncallDeps, agenda: Agenda) -> None:
        self._deps = deps
        self._agenda = agenda
        self._spans: dict[str, list[Span]] = {}
        self._entries: list[Entry] = []
        self._generation = 0
        self._failures = deps.telemetry.counter(
            "appliance_oncall_calendar_failures_total",
            "Calendars that could not be read; what was read before holds.",
            ("rota",),
        )

    def spans(self, rota: str) -> Sequence[Span]:
        """Of a rota, what its calendar has."""
        return self._spans.get(rota, ())

    async def apply(self, config: OncallConfig, directory: Path) -> None:
        """Read the calendars of a configuration from now on; files at once, others soon."""
        for entry in self._entries:
            entry.cancel()
        self._entries.clear()
        self._generation += 1
        with_one = {name: rota for name, rota in config.rotas.items() if rota.calendar}
        self._spans = {name: spans for name, spans in self._spans.items() if name in with_one}
        if not with_one:
            return
        last = await offload(self._deps.store.documents, _KIND)
        for name, rota in with_one.items():
            reading = _Reading(name, rota, config, directory)
            if name in last and rota.calendar is not None and rota.calendar.url is not None:
                data = base64.b64decode(last[name]["data"])
                await attempt(self._take(reading, data), name=f"calendar of {name}")
            if rota.calendar is not None and rota.calendar.file is not None:
                await self._read(reading)
            else:
                spawn(self._read(reading), name=f"calendar of {name}")
            self._recur(reading, self._generation)

    def _recur(self, reading: _Reading, generation: int) -> None:
        def again() -> None:
            if generation == self._generation:
                spawn(self._read(reading), name=f"calendar of {reading.name}")
                self._recur(reading, generation)

        self._entries.append(self._agenda.after(reading.calendar.refresh.seconds, again))
        del self._entries[:-1000]

    async def _read(self, reading: _Reading) -> None:
        """What fails is logged, and what was read before holds."""
        try:
            data = await self._fetch(reading)
            await self._take(reading, data)
        except (ApplianceError, OSError) as error:
            self._failures.labels(reading.name).inc()
            _log.error("calendar of rota %s: %s", reading.name, error)
            return
        if reading.calendar.url is not None:
            document = {"data": base64.b64encode(data).decode()}
            write = partial(self._deps.store.put_document, _KIND, reading.name, document)
            await stored(write, "a calendar")

    async def _take(self, reading: _Reading, data: bytes) -> None:
        from appliance.oncall.ical import read_spans  # noqa: PLC0415 - few rotas have a calendar

        now_ns = self._deps.clock.now_ns()
        window = (now_ns - _BEFORE_NS, now_ns + _AHEAD_NS)
        zone = zone_of(reading.rota.timezone)
        spans, unknown = await offload(read_spans, data, list(reading.users), zone, window)
        if unknown:
            names = ", ".join(repr(one[:50]) for one in unknown[:5])
            _log.warning("calendar of rota %s: %s: no such users", reading.name, names)
        self._spans[reading.name] = spans

    async def _fetch(self, reading: _Reading) -> bytes:
        calendar = reading.calendar
        if calendar.file is not None:
            return await offload((reading.directory / calendar.file).read_bytes)
        return await self._download(calendar, reading.directory)

    async def _download(self, calendar: Calendar, directory: Path) -> bytes:
        from appliance.config.http_client import rebased  # noqa: PLC0415 - rarely needed
        from appliance.http_client.client import HttpClient  # noqa: PLC0415 - the HTTP library

        section = rebased(calendar.http_config, directory)
        client = HttpClient(section, self._deps.session, self._deps.clock, directory=directory)
        url = calendar.url.reveal() if calendar.url else ""
        async with client.request(url, timeout_seconds=_TIMEOUT_SECONDS) as response:
            if response.status != 200:
                raise Unavailable(f"the server answers {response.status}")
            data = await response.content.read(_MOST_BYTES + 1)
            while not response.content.at_eof() and len(data) <= _MOST_BYTES:
                data += await response.content.read(_MOST_BYTES + 1 - len(data))
        if len(data) > _MOST_BYTES:
            raise BadInput(f"it has more than {_MOST_BYTES} bytes")
        return data


class _Reading:
    """A rota's calendar and what it is read with."""

    def __init__(self, name: str, rota: Rota, config: OncallConfig, directory: Path) -> None:
        assert rota.calendar is not None  # noqa: S101 - only such rotas come here
        self.name = name
        self.rota = rota
        self.calendar = rota.calendar
        self.users = config.users
        self.directory = directory
