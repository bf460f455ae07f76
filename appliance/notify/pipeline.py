"""From a group's flush to the answers of all integrations of its receiver."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from appliance.base.errors import BadInput, NotFound
from appliance.base.tasks import spawn
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.notify.delivery.record import (
    attempt_events,
    ended_event,
    exchange_detail,
    recorded_exchange,
)
from appliance.notify.delivery.retry import Attempt, Outcome, attempt
from appliance.notify.delivery.stage import IntegrationStage, StageDeps
from appliance.notify.delivery.trial import trial_message
from appliance.notify.integration import Delivery, Exchange, NotifyFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.base.clock import Clock
    from appliance.model.alert_event import Recorder
    from appliance.notify.integration import Integration
    from appliance.notify.log import NotificationLog
    from appliance.notify.message import Flush, Message
    from appliance.notify.metrics import NotifyMetrics

#: For the one attempt of a trial or of a replay.
_TIMEOUT_SECONDS = 10.0


@runtime_checkable
class Resender(Protocol):
    """An integration that can send a recorded request again."""

    async def resend(self, exchange: Exchange, delivery: Delivery) -> None:
        """Send it, with today's secrets.

        Raises:
            NotifyFailed: It was not delivered.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying one integration; `error` is empty if it was delivered."""

    kind: str
    index: int
    error: str
    exchanges: tuple[Exchange, ...]
    seconds: float


class Pipeline:
    """Tells receivers; made anew with each configuration.

    Args:
        receivers: Their integrations by name.
        log: Lives longer than this.
        links: Addresses for people, by what they do, for a flush.
    """

    def __init__(
        self,
        receivers: Mapping[str, Sequence[Integration]],
        log: NotificationLog,
        *,
        recorder: Recorder,
        clock: Clock,
        metrics: NotifyMetrics,
        external_url: str,
        links: Callable[[Flush], Mapping[str, str]] | None = None,
    ) -> None:
        self._recorder = recorder
        self._clock = clock
        self._external_url = external_url
        deps = StageDeps(log, recorder, clock, metrics, external_url, links)
        self._stages = {
            name: [IntegrationStage(name, integration, deps) for integration in integrations]
            for name, integrations in receivers.items()
        }

    @property
    def integrations(self) -> int:
        """How many integrations there are."""
        return sum(len(stages) for stages in self._stages.values())

    def integrations_of(self, receiver: str) -> list[Integration]:
        """The integrations of a receiver; none where there is no such receiver."""
        return [stage.integration for stage in self._stages.get(receiver, [])]

    async def notify(self, flush: Flush) -> bool:
        """Tell every integration of the receiver what is new to it, all at the same time.

        Returns:
            Whether all are up to date, so that resolved alerts may be forgotten.
        """
        stages = self._stages.get(flush.receiver, [])
        tasks = [spawn(stage.run(flush), name=f"notify {stage.name}") for stage in stages]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for stage, result in zip(stages, results, strict=True):
            if isinstance(result, Exception):
                stage.broke(flush, result)
        return all(result is True for result in results)

    async def send_test(self, receiver: str, message: Message | None = None) -> list[Trial]:
        """Send one marked notification through every integration of a receiver, once.

        Args:
            message: Instead of the usual one.

        Raises:
            NotFound: There is no such receiver.
        """
        if receiver not in self._stages:
            names = ", ".join(sorted(self._stages)) or "none"
            raise NotFound(f"no receiver {receiver!r}; receivers are {names}")
        sent = message or trial_message(receiver, self._clock.now_ns(), self._external_url)
        work = [self._try(stage.integration, sent) for stage in self._stages[receiver]]
        return list(await asyncio.gather(*work))

    async def _try(self, integration: Integration, message: Message) -> Trial:
        delivery = Delivery(timeout_seconds=_TIMEOUT_SECONDS, clock=self._clock)
        started = self._clock.monotonic()
        failure = await attempt(integration, message, delivery)
        seconds = self._clock.monotonic() - started
        now_ns = self._clock.now_ns()
        done = Attempt(1, delivery, seconds, failure)
        self._recorder.record(
            *attempt_events(message, integration, done, now_ns),
            ended_event(message, integration, Outcome(1, failure), now_ns),
        )
        error = str(failure) if failure is not None else ""
        exchanges = tuple(delivery.exchanges)
        return Trial(integration.kind, integration.index, error, exchanges, seconds)

    async def replay(self, event: AlertEvent) -> Exchange:
        """Send the request of an `attempt` event again, with today's secrets; it is recorded.

        Returns:
            What was sent and answered; its `error` or `status` tell how it went.

        Raises:
            BadInput: The event is not an attempt, or cannot be sent again.
            NotFound: The integration is not there any more.
        """
        if event.kind is not EventKind.ATTEMPT:
            raise BadInput(f"only attempts can be sent again, this is {event.kind.value!r}")
        exchange = recorded_exchange(event.detail)
        integration = self._integration_of(event)
        if not isinstance(integration, Resender):
            raise BadInput(f"{integration.kind} cannot send a recorded request again")
        delivery = Delivery(timeout_seconds=_TIMEOUT_SECONDS, clock=self._clock)
        error = ""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS + 1):
                await integration.resend(exchange, delivery)
        except NotifyFailed as failure:
            error = str(failure)
            if not delivery.exchanges:
                raise BadInput(error) from failure
        except TimeoutError:
            error = "context deadline exceeded"
        sent = delivery.exchanges[-1] if delivery.exchanges else exchange
        self._record_replay(event, sent, error)
        return sent

    def _record_replay(self, event: AlertEvent, sent: Exchange, error: str) -> None:
        same = {name: event.detail.get(name) for name in ("integration", "index")}
        detail = {**same, **exchange_detail(sent), "attempt": 1, "will_retry": False}
        detail |= {"replay_of": event.id, "error": sent.error or error}
        self._recorder.record(
            AlertEvent(
                self._clock.now_ns(),
                EventKind.ATTEMPT,
                event.fingerprints,
                event.group_key,
                event.receiver,
                detail,
            )
        )

    def _integration_of(self, event: AlertEvent) -> Integration:
        wanted = event.detail.get("integration"), event.detail.get("index")
        for stage in self._stages.get(event.receiver, []):
            if (stage.integration.kind, stage.integration.index) == wanted:
                return stage.integration
        name = f"{event.receiver}/{wanted[0]}[{wanted[1]}]"
        raise NotFound(f"the configuration has no integration {name!r} any more")
