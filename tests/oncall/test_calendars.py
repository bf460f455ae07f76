"""Calendars of rotas: from files and addresses, again and again, over restarts."""

from __future__ import annotations

from pathlib import Path

from tests.notify.receiving import Receiver, receiving
from tests.oncall.duty import Duty

#: The clock begins on 14 November 2023 at 22:13 UTC.
EVENT = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
SUMMARY:NAME
DTSTART:20231114T000000Z
DTEND:20231120T000000Z
END:VEVENT
END:VCALENDAR
"""
CONFIG = """\
users: {{ann: {{receivers: pd-alice}}, bob: {{receivers: pd-bob}}}}
rotas: {{r: {{users: ann, calendar: {{{}}}}}}}
policies: {{all: {{steps: [{{rota: r}}]}}}}
"""


def on_call(duty: Duty) -> tuple[str, str]:
    return duty.oncall.roster.schedules["r"].user_at(duty.clock.now_ns())


async def came(duty: Duty, receiver: Receiver, count: int) -> None:
    """The request goes over a real connection."""
    for _ in range(300):
        if len(receiver.requests) >= count:
            break
        await duty.settle()
    for _ in range(10):
        await duty.settle()


async def test_a_file_is_read_at_the_start_and_again(tmp_path: Path) -> None:
    file = tmp_path / "duty.ics"
    file.write_text(EVENT.replace("NAME", "Bob"))
    async with Duty(tmp_path, CONFIG.format("file: duty.ics, refresh: 5m")) as duty:
        assert on_call(duty) == ("bob", "calendar")
        await duty.fire("A")
        await duty.advance(1)
        assert duty.pages() == [(0.0, "pd-bob")]
        file.write_text(EVENT.replace("NAME", "nobody we know"))
        await duty.advance(5)
        await wait_until(duty, "ann")
        assert on_call(duty) == ("ann", "turns")


async def test_what_was_read_last_holds_while_it_cannot_be_read(tmp_path: Path) -> None:
    async with receiving() as receiver:
        receiver.usual = lambda _: (200, EVENT.replace("NAME", "bob"))
        text = CONFIG.format(f"url: '{receiver.address}/secret.ics'")
        async with Duty(tmp_path, text) as duty:
            await came(duty, receiver, 1)
            await wait_until(duty, "bob")
            receiver.usual = lambda _: (500, "no")
            await duty.advance(16)
            await came(duty, receiver, 2)
            assert on_call(duty) == ("bob", "calendar")
            assert duty.metric("appliance_oncall_calendar_failures_total", rota="r") == 1
        async with duty.again(text) as later:
            assert on_call(later) == ("bob", "calendar")
            await came(later, receiver, 3)
            assert on_call(later) == ("bob", "calendar")
            receiver.usual = lambda _: (200, "<html>")
            await later.advance(16)
            await came(later, receiver, 4)
            assert on_call(later) == ("bob", "calendar")


async def wait_until(duty: Duty, user: str) -> None:
    """Files are read in a thread."""
    for _ in range(300):
        if on_call(duty)[0] == user:
            return
        await duty.settle()
