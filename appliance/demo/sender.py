"""Plays the shop against a running server's OTLP and Loki endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from appliance.base.errors import Unavailable
from appliance.demo.encode import Meter, encode_logs, encode_traces
from appliance.demo.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock

_STEP_NS = 15_000_000_000


class Sender:
    """Plays the shop against two endpoints."""

    def __init__(self, otlp: str, loki: str, rate: float, clock: Clock) -> None:
        self._otlp = otlp
        self._loki = loki
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
            while not once:
                await self._clock.sleep(1)
                start, now = now, self._clock.now_ns()
                await self._play(session, shop, meter, start, now)

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
