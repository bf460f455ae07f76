"""Telling another Alertmanager (Alertmanager, API v2, `POST /api/v2/alerts`).

Alerts wait in an `Outbox` until they are taken: what an unreachable server was not told, it is told
when it is back. Used for rules (`alerting` of prometheus.yml) and for `alertmanager.forward_to`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from appliance.base.errors import ApplianceError, Unavailable
from appliance.config.secret import mask_url_passwords
from appliance.notify.outbox import CAPACITY, Outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prometheus_client import Counter, Summary

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.http_client.client import HttpClient
    from appliance.model.alert import Alert

_log = logging.getLogger(__name__)
#: As Prometheus' `--alertmanager.notification-batch-size`.
_BATCH = 256
#: Of an answer that is an error; no more is read.
_SHOWN_BYTES = 512
#: Answers about what was sent; after others (a login that expired, too) sending again may help.
_REFUSALS = frozenset({400, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class SendMetrics:
    """Prometheus' metrics of its notifier.

    Attributes:
        outboxes: Of all Alertmanagers that are told.
    """

    sent: Counter
    errors: Counter
    dropped: Counter
    seconds: Summary
    outboxes: set[Outbox]

    @classmethod
    def of(cls, telemetry: Telemetry) -> SendMetrics:
        """The metrics of one process."""
        prefix, labels = "prometheus_notifications", ("alertmanager",)
        capacity = telemetry.gauge(
            f"{prefix}_queue_capacity", "Alerts that may wait for an Alertmanager."
        )
        capacity.set(CAPACITY)
        outboxes: set[Outbox] = set()
        telemetry.gauge(
            f"{prefix}_queue_length", "Alerts that wait for Alertmanagers."
        ).set_function(lambda: float(sum(map(len, list(outboxes)))))
        return cls(
            sent=telemetry.counter(f"{prefix}_sent_total", "Alerts sent.", labels),
            errors=telemetry.counter(
                f"{prefix}_errors_total", "Alerts sent in vain; they are sent again.", labels
            ),
            dropped=telemetry.counter(
                f"{prefix}_dropped_total", "Alerts that were given up before they were taken."
            ),
            seconds=telemetry.summary(
                f"{prefix}_latency_seconds", "What sending alerts takes.", labels
            ),
            outboxes=outboxes,
        )

    def forget(self, url: str, outbox: Outbox) -> None:
        """An Alertmanager that is not told any more."""
        self.outboxes.discard(outbox)
        for metric in (self.sent, self.errors, self.seconds):
            metric.remove(url)


class _Refused(ApplianceError):  # noqa: N818 - the house's name for a kind of error
    """The other one will never take them; what was right among them it has taken."""


class AlertmanagerClient:
    """An `AlertSink` that is another Alertmanager.

    Args:
        url: Of `/api/v2/alerts`.
        http: Logs in as the section says.
    """

    def __init__(
        self,
        url: str,
        http: HttpClient,
        *,
        clock: Clock,
        metrics: SendMetrics,
        timeout_seconds: float = 10.0,
    ) -> None:
        self.url = url
        self.shown_url = mask_url_passwords(url)
        self._http = http
        self._clock = clock
        self._metrics = metrics
        self._timeout_seconds = timeout_seconds
        self._outbox = Outbox(metrics.dropped.inc)

    async def put(self, alerts: Sequence[Alert]) -> None:
        """Have alerts wait for their turn; see `Outbox` for what happens when too many do."""
        self._outbox.put(alerts)

    async def run(self) -> None:
        """Send until cancelled; what waits then is given up."""
        name, metrics = f"alertmanager {self.shown_url}", self._metrics
        metrics.outboxes.add(self._outbox)
        for metric in (metrics.sent, metrics.errors, metrics.seconds):
            metric.labels(self.shown_url)
        try:
            await self._outbox.deliver(self._send, self._clock, name=name, most=_BATCH)
        finally:
            self._metrics.forget(self.shown_url, self._outbox)

    async def _send(self, batch: Sequence[Alert]) -> None:
        """One request.

        Raises:
            ApplianceError: It was not taken, and may be later.
        """
        began = self._clock.monotonic()
        try:
            await self._post(print_alerts(batch))
        except ApplianceError as error:
            self._metrics.errors.labels(self.shown_url).inc(len(batch))
            if not isinstance(error, _Refused):
                raise
            self._metrics.dropped.inc(len(batch))
            _log.warning("alertmanager %s refused alerts: %s", self.shown_url, error)
        finally:
            self._metrics.sent.labels(self.shown_url).inc(len(batch))
            took = self._clock.monotonic() - began
            self._metrics.seconds.labels(self.shown_url).observe(took)

    async def _post(self, body: bytes) -> None:
        async with self._http.request(
            self.url,
            method="POST",
            headers={"Content-Type": "application/json"},
            data=body,
            timeout_seconds=self._timeout_seconds,
        ) as response:
            if response.status // 100 != 2:
                start = await response.content.read(_SHOWN_BYTES)
                text = start.decode("utf-8", "replace").strip()
                message = f"bad response status {response.status}: {text}"
                raise (_Refused if response.status in _REFUSALS else Unavailable)(message)


def print_alerts(alerts: Sequence[Alert]) -> bytes:
    """Alerts as the API takes them."""
    import orjson  # noqa: PLC0415 - with the first alert

    return orjson.dumps(
        [
            {
                "labels": dict(alert.labels),
                "annotations": dict(alert.annotations),
                "startsAt": print_moment(alert.starts_ns),
                "endsAt": print_moment(alert.ends_ns),
                "generatorURL": alert.generator_url,
            }
            for alert in alerts
        ]
    )


def print_moment(time_ns: int) -> str:
    """A time in UTC with milliseconds, as Prometheus sends it."""
    seconds, rest = divmod(time_ns, 10**9)
    shown = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 10**6:03d}Z"
    return shown.rjust(24, "0")  # early years
