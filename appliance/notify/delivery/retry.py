"""Attempts of one integration to deliver one message, until it succeeds or time is up.

The waits are Alertmanager's: 0.5 s, each 1.5 times the one before, up to a minute, give or take
half. What a receiver asks for in `Retry-After` is waited for when the flush lasts that long.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from appliance.notify.http import CUT
from appliance.notify.integration import Delivery, NotifyFailed, TemplateFailed
from appliance.notify.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.notify.integration import Integration
    from appliance.notify.message import Message

_FIRST_SECONDS, _FACTOR, _MOST_SECONDS, _JITTER = 0.5, 1.5, 60.0, 0.5
#: An integration that is not back this long after its time is up is stopped.
_GRACE_SECONDS = 0.5
#: Of an error, twice what is kept when it is longer.
_ERROR_CHARS = 4000
#: A corrected template that is loaded within this time comes before the plain text.
FALLBACK_SECONDS = 5.0


class Backoff:
    """The waits between attempts."""

    def __init__(self) -> None:
        self._seconds = _FIRST_SECONDS

    def next(self) -> float:
        """The next wait in seconds."""
        wait = self._seconds * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - jitter
        self._seconds = min(self._seconds * _FACTOR, _MOST_SECONDS)
        return wait


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, when it is over.

    Attributes:
        number: From 1.
        failure: None if it succeeded.
        wait_seconds: Until the next one; None if there is none.
    """

    number: int
    delivery: Delivery
    seconds: float
    failure: NotifyFailed | None = None
    wait_seconds: float | None = None


@dataclass(slots=True)
class Outcome:
    """How it ended.

    Attributes:
        failure: The last one that says something; None if it was delivered in the end.
        data: What the integration wants to find again.
        template_failure: Why plain text was sent.
    """

    attempts: int = 0
    failure: NotifyFailed | None = None
    data: dict[str, str] = field(default_factory=dict)
    template_failure: TemplateFailed | None = None


async def deliver(
    integration: Integration,
    message: Message,
    delivery: Delivery,
    *,
    told: Callable[[Attempt], None],
) -> Outcome:
    """Try until it is delivered, until it makes no sense any more, or until time is up.

    A template that fails ends it in Alertmanager, and the notification is lost; here it is sent as
    plain text a moment later.

    Args:
        delivery: Its `data` is handed to every attempt, `timeout_seconds` is for all together.
        told: Called after each attempt.
    """
    clock = delivery.clock
    deadline = clock.monotonic() + delivery.timeout_seconds
    backoff, outcome = Backoff(), Outcome()
    while True:
        left = deadline - clock.monotonic()
        outcome.attempts += 1
        is_fallback = outcome.template_failure is not None
        current = replace(
            delivery,
            exchanges=[],
            data=dict(delivery.data),
            is_fallback=is_fallback,
            timeout_seconds=left,
        )
        started = clock.monotonic()
        failure = await attempt(integration, message, current)
        seconds = clock.monotonic() - started
        wait = None
        if failure is None:
            outcome.failure, outcome.data = None, current.data
        else:
            wait = _wait(failure, backoff, deadline - clock.monotonic(), is_fallback=is_fallback)
            if isinstance(failure, TemplateFailed) and not is_fallback:
                outcome.template_failure = failure
            if outcome.failure is None or failure.reason != "contextDeadlineExceeded":
                outcome.failure = failure
        told(Attempt(outcome.attempts, current, seconds, failure, wait))
        if wait is None:
            return outcome
        await clock.sleep(wait)


def _wait(
    failure: NotifyFailed, backoff: Backoff, left: float, *, is_fallback: bool
) -> float | None:
    """Seconds until the next attempt; None if there is none."""
    if left <= 0:
        return None
    if isinstance(failure, TemplateFailed) and not is_fallback:
        return min(FALLBACK_SECONDS, left / 2)
    if not failure.is_retryable:
        return None
    wait = max(backoff.next(), failure.retry_after_seconds or 0.0)
    return wait if wait < left else None


async def attempt(
    integration: Integration, message: Message, delivery: Delivery
) -> NotifyFailed | None:
    """Try once; the result is why it failed."""
    try:
        async with asyncio.timeout(max(delivery.timeout_seconds, 0.0) + _GRACE_SECONDS):
            await integration.send(message, delivery)
    except NotifyFailed as failure:
        failure.message = _shown(integration, failure.message)
        return failure
    except TimeoutError:
        text, reason = "context deadline exceeded", "contextDeadlineExceeded"
        return NotifyFailed(text, is_retryable=True, reason=reason)
    return None


def _shown(integration: Integration, text: str) -> str:
    """An error as it may be logged: receivers repeat what they were sent, and at length."""
    secrets = getattr(integration, "secrets", None)
    shown = secrets.mask(text[:_ERROR_CHARS]) if isinstance(secrets, Secrets) else text
    return shown if len(text) <= _ERROR_CHARS else shown[: _ERROR_CHARS // 2] + CUT
