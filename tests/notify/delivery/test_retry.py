"""Attempts on a virtual clock: how often, when, and what ends them."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.tasks import spawn
from appliance.config.secret import Secret
from appliance.notify.delivery.retry import Attempt, Backoff, Outcome, attempt, deliver
from appliance.notify.integration import Delivery, NotifyFailed, TemplateFailed
from appliance.notify.pagers.pagerduty import PagerdutyConfig
from appliance.notify.secrets import Secrets
from tests.notify.delivery.doubles import Scripted, failure
from tests.notify.receiving import NOW_MS, a_message


async def run(
    integration: Scripted, *, seconds: float = 10.0
) -> tuple[Outcome, list[Attempt], list[float]]:
    """Deliver, moving the clock until it is over; the result has the time of each attempt."""
    clock = ManualClock(NOW_MS)
    attempts: list[Attempt] = []
    times: list[float] = []

    def told(done: Attempt) -> None:
        attempts.append(done)
        times.append(clock.now_ms() / 1000 - NOW_MS / 1000)

    delivery = Delivery(timeout_seconds=seconds, clock=clock, data={"kept": "1"})
    task = spawn(deliver(integration, a_message(), delivery, told=told), name="deliver")
    for _ in range(int(seconds * 20) + 20):
        await clock.advance(0.05)
        if task.done():
            break
    return task.result(), attempts, times


async def test_errors_that_may_pass_are_retried_with_growing_waits() -> None:
    integration = Scripted(failures=[failure(f"no {i}") for i in range(4)])
    outcome, attempts, times = await run(integration)
    assert (outcome.failure, outcome.attempts) == (None, 5)
    assert [one.number for one in attempts] == [1, 2, 3, 4, 5]
    assert [one.wait_seconds is None for one in attempts] == [False] * 4 + [True]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    for number, gap in enumerate(gaps):
        assert 0.5 * 0.5 * 1.5**number <= gap <= 1.5 * 0.5 * 1.5**number + 0.06
    assert all(one.data == {"kept": "1"} for one in integration.deliveries)


def test_the_waits_end_growing_at_a_minute() -> None:
    backoff = Backoff()
    waits = [backoff.next() for _ in range(40)]
    assert max(waits) <= 90
    assert min(waits[20:]) >= 30


async def test_final_errors_end_it() -> None:
    outcome, attempts, _ = await run(Scripted(failures=[failure("bad", is_retryable=False)]))
    assert str(outcome.failure) == "bad"
    assert [one.wait_seconds for one in attempts] == [None]


async def test_it_ends_when_time_is_up() -> None:
    integration = Scripted(failures=[failure(f"no {i}") for i in range(99)])
    outcome, attempts, times = await run(integration, seconds=5)
    assert outcome.failure is attempts[-1].failure
    assert 2 <= len(attempts) < 15
    assert times[-1] <= 5
    assert all(one.delivery.timeout_seconds <= 5 for one in attempts)
    left = [one.delivery.timeout_seconds for one in attempts]
    assert left == sorted(left, reverse=True)


@pytest.mark.parametrize(("asked", "attempts"), [(3.0, 2), (30.0, 1)])
async def test_what_a_receiver_asks_for_is_waited_for_if_there_is_time(
    asked: float, attempts: int
) -> None:
    integration = Scripted(failures=[failure(retry_after=asked)])
    outcome, _, times = await run(integration)
    assert outcome.attempts == attempts
    if attempts == 2:
        assert 3.0 <= times[1] <= 3.1
        assert outcome.failure is None


async def test_a_template_that_fails_is_replaced_by_plain_text_after_five_seconds() -> None:
    integration = Scripted(failures=[TemplateFailed("template: no such field")])
    outcome, attempts, times = await run(integration)
    assert outcome.failure is None
    assert str(outcome.template_failure) == "template: no such field"
    assert [one.delivery.is_fallback for one in attempts] == [False, True]
    assert 5.0 <= times[1] <= 5.1


async def test_the_plain_text_is_retried_too() -> None:
    failures: list[BaseException | None] = [TemplateFailed("t"), failure(), None]
    outcome, attempts, _ = await run(Scripted(failures=failures))
    assert outcome.failure is None
    assert [one.delivery.is_fallback for one in attempts] == [False, True, True]


async def test_what_is_kept_comes_from_the_attempt_that_succeeded() -> None:
    outcome, _, _ = await run(Scripted(failures=[failure()], keeps={"ts": "7"}))
    assert outcome.data == {"ts": "7"}


async def test_errors_hold_no_secrets_and_are_not_endless() -> None:
    class Telltale(Scripted):
        secrets = Secrets(PagerdutyConfig(routing_key=Secret("k3y-of-pagerduty")), Path())

    failures: list[BaseException | None] = [failure("bad k3y-of-pagerduty " + "x" * 9000)]
    found = await attempt(Telltale(failures=failures), a_message(), Delivery())
    assert found is not None
    assert str(found).startswith("bad <secret:routing_key> xxx")
    assert len(str(found)) < 4000


async def test_an_integration_that_hangs_is_stopped() -> None:
    hanging = Scripted(failures=[asyncio.CancelledError()])
    found = await attempt(hanging, a_message(), Delivery(timeout_seconds=-0.49))
    assert isinstance(found, NotifyFailed)
    assert (found.reason, found.is_retryable) == ("contextDeadlineExceeded", True)
