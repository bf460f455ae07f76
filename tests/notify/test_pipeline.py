"""From flushes to receivers: who is told what and when, what is noted and what is recorded."""

from __future__ import annotations

import asyncio

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput, NotFound, Unavailable
from appliance.base.tasks import spawn
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.notify.integration import TemplateFailed
from tests.notify.delivery.doubles import Bench, Scripted, failure, firing, over


async def settle(task: asyncio.Task[bool], clock: ManualClock, seconds: float = 12) -> bool:
    for _ in range(int(seconds * 10)):
        await clock.advance(0.1)
        if task.done():
            break
    return task.result()


async def test_a_group_from_first_to_last() -> None:
    hook = Scripted()
    bench = Bench(hook)
    ticks = [
        (firing("1"),),
        (firing("1"),),
        (firing("1"), firing("2")),
        (firing("2"), over("1")),
        (firing("2"),),
        (over("2"),),
        (over("2"),),
    ]
    for alerts in ticks:
        assert await bench.pipeline.notify(bench.flush(*alerts))
        await bench.clock.advance(60)
    assert [(one.reason, len(one.firing), len(one.resolved)) for one in hook.messages] == [
        ("first notification", 1, 0),
        ("new alerts added", 2, 0),
        ("some alerts resolved", 1, 1),
        ("all alerts resolved", 0, 1),
    ]
    assert bench.value("alertmanager_notifications_total", integration="webhook") == 4
    assert hook.messages[0].links == {"ack": "http://am/ack/team-x"}


async def test_repeats_come_at_the_first_tick_after_the_interval() -> None:
    hook = Scripted()
    bench = Bench(hook)
    for _ in range(8):
        await bench.pipeline.notify(bench.flush(firing("1"), repeat_seconds=150))
        await bench.clock.advance(60)
    assert [one.reason for one in hook.messages] == [
        "first notification",
        "repeat interval elapsed",
        "repeat interval elapsed",
    ]
    told = [(one.now_ns - hook.messages[0].now_ns) // 10**9 for one in hook.messages]
    assert told == [0, 180, 360]


async def test_without_send_resolved_only_firing_ones_are_told() -> None:
    hook = Scripted(send_resolved=False)
    bench = Bench(hook)
    for alerts in (
        (firing("1"), firing("2")),
        (firing("2"), over("1")),
        (over("2"), firing("3")),
        (over("3"),),
    ):
        assert await bench.pipeline.notify(bench.flush(*alerts))
    names = [[alert.labels.get("i") for alert in one.alerts] for one in hook.messages]
    assert names == [["1", "2"], ["3"]]
    [entry] = bench.log.entries()
    assert not entry.firing
    assert await bench.pipeline.notify(bench.flush(firing("3")))
    assert hook.messages[-1].reason == "first notification"


async def test_integrations_are_told_at_the_same_time_and_apart() -> None:
    good, bad = Scripted(), Scripted(kind="slack", failures=[failure("down")] * 50)
    bench = Bench(good, bad)
    task = spawn(bench.pipeline.notify(bench.flush(firing("1"))), name="flush")
    await bench.clock.advance(0)
    assert len(good.messages) == 1
    assert not await settle(task, bench.clock)
    assert len(bad.messages) > 2
    assert [entry.key.integration for entry in bench.log.entries()] == ["webhook"]
    failed = "alertmanager_notifications_failed_total"
    assert bench.value(failed, integration="slack", reason="serverError") == 1
    bad.failures.clear()
    assert await bench.pipeline.notify(bench.flush(firing("1")))
    assert len(good.messages) == 1
    requests = "alertmanager_notification_requests_total"
    assert bench.value(requests, integration="slack") == len(bad.messages)
    assert (
        bench.value("alertmanager_notification_requests_failed_total", integration="slack")
        == len(bad.messages) - 1
    )


async def test_what_an_integration_keeps_is_handed_back_until_the_group_begins_anew() -> None:
    chat = Scripted(keeps={"ts": "7"})
    bench = Bench(chat)
    for alerts in (
        (firing("1"),),
        (firing("1"), firing("2")),
        (over("1"), over("2")),
        (firing("1"),),
    ):
        await bench.pipeline.notify(bench.flush(*alerts))
    assert [bool(one.data) for one in chat.deliveries] == [True] * 4
    given = [entry.data for entry in bench.log.entries()]
    assert given == [{"ts": "7"}]


async def test_the_first_delivery_of_a_new_sequence_is_handed_nothing() -> None:
    seen: list[dict[str, str]] = []

    class Chat(Scripted):
        async def send(self, message, delivery) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - as above
            seen.append(dict(delivery.data))
            await super().send(message, delivery)

    bench = Bench(Chat(keeps={"ts": "7"}))
    for alerts in ((firing("1"),), (firing("1"), firing("2")), (over("1"),), (firing("1"),)):
        await bench.pipeline.notify(bench.flush(*alerts))
    assert seen == [{}, {"ts": "7"}, {"ts": "7"}, {}]


async def test_the_record_of_a_notification_that_needs_three_attempts() -> None:
    bench = Bench(Scripted(failures=[failure("no 1"), failure("no 2")]))
    task = spawn(bench.pipeline.notify(bench.flush(firing("1"))), name="flush")
    assert await settle(task, bench.clock)
    assert bench.recorded.kinds() == ["attempt", "attempt", "attempt", "notified"]
    attempts = bench.recorded.of(EventKind.ATTEMPT)
    assert [one.detail["attempt"] for one in attempts] == [1, 2, 3]
    assert [one.detail["will_retry"] for one in attempts] == [True, True, False]
    assert [one.detail["error"] for one in attempts] == ["no 1", "no 2", ""]
    assert attempts[0].detail["integration"] == "webhook"
    assert attempts[0].fingerprints == (firing("1").fingerprint,)
    assert (attempts[0].receiver, attempts[0].group_key) == ("team-x", '{}:{alertname="A"}')
    [notified] = bench.recorded.of(EventKind.NOTIFIED)
    assert notified.detail["why"] == "first notification"
    assert (notified.detail["firing"], notified.detail["attempts"]) == (1, 3)


async def test_nothing_new_is_recorded_once() -> None:
    bench = Bench(Scripted())
    for _ in range(5):
        await bench.pipeline.notify(bench.flush(firing("1")))
        await bench.clock.advance(60)
    assert bench.recorded.kinds() == ["attempt", "notified", "unchanged"]
    [unchanged] = bench.recorded.of(EventKind.UNCHANGED)
    [entry] = bench.log.entries()
    assert unchanged.detail["repeat_after_ns"] == entry.sent_ns + 3600 * 10**9


async def test_a_failing_template_is_counted_and_plain_text_is_sent() -> None:
    hook = Scripted(kind="slack", failures=[TemplateFailed("template: x")])
    bench = Bench(hook)
    task = spawn(bench.pipeline.notify(bench.flush(firing("1"))), name="flush")
    await bench.clock.advance(1.9)
    assert len(hook.messages) == 1
    failed = "alertmanager_notifications_failed_total"
    assert bench.value(failed, integration="slack", reason="other") == 1
    assert await settle(task, bench.clock)
    assert [one.is_fallback for one in hook.deliveries] == [False, True]
    assert bench.value("appliance_notification_fallbacks_total", integration="slack") == 1
    assert bench.value(failed, integration="slack", reason="other") == 1
    assert bench.recorded.kinds() == ["fallback", "attempt", "notified"]


async def test_a_defect_of_one_integration_harms_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    good, broken = Scripted(), Scripted(kind="slack", failures=[RuntimeError("a bug")])
    bench = Bench(good, broken)
    assert not await bench.pipeline.notify(bench.flush(firing("1")))
    assert len(good.messages) == 1
    assert "a bug" in caplog.text
    [failed] = bench.recorded.of(EventKind.FAILED)
    assert failed.detail["error"] == "RuntimeError: a bug"
    assert await bench.pipeline.notify(bench.flush(firing("1")))


async def test_a_flush_is_done_only_when_the_log_is_written() -> None:
    bench = Bench(Scripted())
    bench.store.error = Unavailable("full")
    assert await bench.pipeline.notify(bench.flush(firing("1")))
    bench.store.error = None
    assert await bench.pipeline.notify(bench.flush(firing("1")))
    assert len(bench.log.entries()) == 1


async def test_a_flush_that_is_cancelled_is_counted() -> None:
    bench = Bench(Scripted(failures=[failure()] * 9))
    task = spawn(bench.pipeline.notify(bench.flush(firing("1"))), name="flush")
    await bench.clock.advance(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await bench.clock.advance(0)
    failed = "alertmanager_notifications_failed_total"
    assert bench.value(failed, integration="webhook", reason="contextCanceled") == 1
    assert not bench.log.entries()


async def test_a_receiver_without_integrations_is_up_to_date() -> None:
    bench = Bench()
    assert await bench.pipeline.notify(bench.flush(firing("1")))


async def test_trying_a_receiver() -> None:
    good = Scripted()
    bad = Scripted(kind="slack", failures=[failure("invalid_token", is_retryable=False)])
    bench = Bench(good, bad)
    trials = await bench.pipeline.send_test("team-x")
    assert [(one.kind, one.index, one.error) for one in trials] == [
        ("webhook", 0, ""),
        ("slack", 0, "invalid_token"),
    ]
    assert trials[0].exchanges[0].status == 200
    [message] = good.messages
    assert message.is_test
    assert "TEST" in message.alerts[0].annotations["summary"]
    assert len(bad.messages) == 1
    assert all(one.detail["is_test"] for one in bench.recorded.events)
    assert not bench.log.entries()
    with pytest.raises(NotFound, match="receivers are nobody, team-x"):
        await bench.pipeline.send_test("team-y")


async def test_sending_a_recorded_request_again() -> None:
    hook = Scripted()
    bench = Bench(hook)
    await bench.pipeline.notify(bench.flush(firing("1")))
    [attempt] = bench.recorded.of(EventKind.ATTEMPT)
    stored = AlertEvent(
        *(attempt.at_ns, attempt.kind, attempt.fingerprints, attempt.group_key),
        *(attempt.receiver, attempt.detail, 42),
    )
    exchange = await bench.pipeline.replay(stored)
    assert (exchange.method, exchange.body) == ("POST", "1")
    assert [one.body for one in hook.resent] == ["1"]
    again = bench.recorded.events[-1]
    assert (again.kind, again.detail["replay_of"]) == (EventKind.ATTEMPT, 42)
    assert again.fingerprints == attempt.fingerprints


async def test_what_cannot_be_sent_again() -> None:
    bench = Bench(Scripted())
    event = AlertEvent(0, EventKind.NOTIFIED, receiver="team-x")
    with pytest.raises(BadInput, match="only attempts"):
        await bench.pipeline.replay(event)
    detail = {"integration": "webhook", "index": 3, "method": "POST", "body": "x"}
    event = AlertEvent(0, EventKind.ATTEMPT, receiver="team-x", detail=detail)
    with pytest.raises(NotFound, match=r"team-x/webhook\[3\]"):
        await bench.pipeline.replay(event)
    event = AlertEvent(0, EventKind.ATTEMPT, detail=detail | {"body": "x… [cut]"})
    with pytest.raises(BadInput, match="too long"):
        await bench.pipeline.replay(event)
    event = AlertEvent(0, EventKind.ATTEMPT, detail=detail | {"method": ""})
    with pytest.raises(BadInput, match="nothing to send again"):
        await bench.pipeline.replay(event)


@pytest.mark.parametrize("is_over", [False, True])
async def test_a_crash_between_delivery_and_log_does_not_lose_the_end(*, is_over: bool) -> None:
    crashed = Bench(Scripted(failures=[asyncio.CancelledError()]))
    task = spawn(crashed.pipeline.notify(crashed.flush(firing("1"))), name="flush")
    await crashed.clock.advance(0.1)
    hook = Scripted()
    bench = Bench(hook)
    bench.store.entries |= crashed.store.entries
    await bench.log.load()
    assert await bench.pipeline.notify(bench.flush(over("1") if is_over else firing("1")))
    reason = "all alerts resolved" if is_over else "first notification"
    assert [one.reason for one in hook.messages] == [reason]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_could_not_be_delivered_has_no_end() -> None:
    refused = Bench(Scripted(failures=[failure("no", is_retryable=False)]))
    assert not await refused.pipeline.notify(refused.flush(firing("1")))
    hook = Scripted()
    bench = Bench(hook)
    bench.store.entries |= refused.store.entries
    await bench.log.load()
    assert await bench.pipeline.notify(bench.flush(over("1")))
    assert hook.messages == []
