"""Plays the shop against a running server's OTLP, Loki and Alertmanager endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from appliance.base.errors import Unavailable
from appliance.demo.alert import AGAIN_NS, HOLDS_NS, HOLDS_ONCE_NS, encode_alert
from appliance.demo.encode import Meter, encode_logs, encode_traces
from appliance.demo.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock

_STEP_NS = 15_000_000_000


class Sender:
    """Plays the shop against a server.

    Args:
        otlp, loki: Base URLs of where telemetry goes.
        alertmanager: Base URL of where the shop's alert goes; the shop does without when nobody
            answers there.
        rate: Requests per second.
    """

    def __init__(
        self, otlp: str, loki: str, *, alertmanager: str, rate: float, clock: Clock
    ) -> None:
        self._otlp = otlp
        self._loki = loki
        self._alertmanager = alertmanager
        self._rate = rate
        self._clock = clock
        self._sent = {"requests": 0, "spans": 0, "lines": 0}

    async def run(self, *, backfill_minutes: int, once: bool, say: Callable[[str], object]) -> None:
        """Send the history, then live until cancelled.

        Raises:
            Unavailable: Nobody answers at the endpoints.
        """
        now = self._clock.now_ns()
        begin = now - backfill_minutes * 60_000_000_000
        shop, meter = Shop(seed=begin), Meter(begin)
        async with aiohttp.ClientSession() as session:
            for start in range(begin, now, _STEP_NS):
                end = min(start + _STEP_NS, now)
                await self._play(session, shop, meter, start, end)
            say(self.summary())
            if once:
                is_told = await self._alert(session, begin, now + HOLDS_ONCE_NS)
                say(_told(is_told, self._alertmanager))
                return
            try:
                is_told = await self._alert(session, begin, now + HOLDS_NS)
                say(_told(is_told, self._alertmanager))
                await self._live(session, shop, meter, begin=begin)
            finally:
                await self._alert(session, begin, self._clock.now_ns())

    async def _live(
        self, session: aiohttp.ClientSession, shop: Shop, meter: Meter, *, begin: int
    ) -> None:
        """Play as time passes; the alert is sent again so that it holds."""
        now = told = self._clock.now_ns()
        while True:
            await self._clock.sleep(1)
            start, now = now, self._clock.now_ns()
            await self._play(session, shop, meter, start, now)
            if now - told >= AGAIN_NS:
                told = now
                await self._alert(session, begin, now + HOLDS_NS)

    async def _alert(self, session: aiohttp.ClientSession, start_ns: int, end_ns: int) -> bool:
        """Send the shop's alert; False when nobody takes it."""
        url = f"{self._alertmanager}/api/v2/alerts"
        try:
            body = encode_alert(start_ns, end_ns)
            await self._post(session, url, body, "application/json")
        except Unavailable:
            return False
        return True

    async def _play(
        self, session: aiohttp.ClientSession, shop: Shop, meter: Meter, start: int, end: int
    ) -> None:
        requests = shop.requests_between(start, end, per_second=self._rate)
        meter.observe(requests)
        protobuf = "application/x-protobuf"
        if requests:
            await self._post(session, f"{self._otlp}/v1/traces", encode_traces(requests), protobuf)
            logs = encode_logs(requests)
            await self._post(session, f"{self._loki}/loki/api/v1/push", logs, "application/json")
        body = meter.encode(end, in_flight=len(requests) % 5)
        await self._post(session, f"{self._otlp}/v1/metrics", body, protobuf)
        operations = [item for request in requests for item in request.operations]
        self._sent["requests"] += len(requests)
        self._sent["spans"] += len(operations)
        self._sent["lines"] += sum(len(item.lines) for item in operations)

    async def _post(
        self, session: aiohttp.ClientSession, url: str, body: bytes, content_type: str
    ) -> None:
        try:
            headers = {"Content-Type": content_type}
            async with session.post(url, data=body, headers=headers) as response:
                if response.status >= 300:
                    text = (await response.text())[:300]
                    raise Unavailable(f"{url} answered {response.status}: {text}")
        except aiohttp.ClientConnectionError as error:
            hint = "start the server with `appliance up`, or say where it is with --otlp and --loki"
            raise Unavailable(f"nobody answers at {url}; {hint}") from error

    def summary(self) -> str:
        """What was sent so far."""
        parts = ", ".join(f"{count:,} {what}" for what, count in self._sent.items())
        return f"sent {parts}"


def _told(is_taken: bool, alertmanager: str) -> str:  # noqa: FBT001 - says what was said
    if is_taken:
        return "one alert fires: PaymentsFail"
    return f"no alert: nobody takes one at {alertmanager} (--alertmanager)"
