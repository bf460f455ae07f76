"""What is sent by hand: trials of a receiver's integrations, and recorded requests once more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from appliance.base.errors import BadInput
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.notify.delivery.record import (
    attempt_events,
    ended_event,
    exchange_detail,
    recorded_exchange,
)
from appliance.notify.delivery.retry import Attempt, Outcome, attempt
from appliance.notify.delivery.trial import trial_message
from appliance.notify.integration import Delivery, Exchange, NotifyFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.base.clock import Clock
    from appliance.model.alert_event import Recorder
    from appliance.notify.integration import Integration
    from appliance.notify.message import Message

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


class ByHand:
    """Sends once, whatever the notification log says; all is recorded."""

    def __init__(self, recorder: Recorder, clock: Clock, external_url: str) -> None:
        self._recorder = recorder
        self._clock = clock
        self._external_url = external_url

    async def try_all(
        self, receiver: str, integrations: Sequence[Integration], message: Message | None
    ) -> list[Trial]:
        """Send one notification through all integrations of a receiver.

        Args:
            message: Instead of the usual one, which is marked as a test.
        """
        sent = message or trial_message(receiver, self._clock.now_ns(), self._external_url)
        return list(await asyncio.gather(*(self._try(one, sent) for one in integrations)))

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

    async def replay(
        self, event: AlertEvent, find: Callable[[AlertEvent], Integration]
    ) -> Exchange:
        """Send the request of an `attempt` event again, with today's secrets.

        Args:
            find: The integration of an event; raises when it is not there any more.

        Returns:
            What was sent and answered; its `error` or `status` tell how it went.

        Raises:
            BadInput: The event is not an attempt, or cannot be sent again.
        """
        if event.kind is not EventKind.ATTEMPT:
            raise BadInput(f"only attempts can be sent again, this is {event.kind.value!r}")
        exchange = recorded_exchange(event.detail)
        integration = find(event)
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
