"""Messages of both standards."""

from __future__ import annotations

import datetime as dt

import pytest

from appliance.base.errors import BadInput
from appliance.ingest.tail.syslog.message import parse_message

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
DATA = (
    '<165>1 2026-02-03T04:05:06.789Z host app 77 ID47 [ex@32473 iut="3" note="a\\"b\\]c"][b x="y"]'
    " \ufeffall of it"
)


def parse(text: str, *, is_rfc3164: bool = False):  # type: ignore[no-untyped-def]
    return parse_message(text.encode(), is_rfc3164=is_rfc3164, now=NOW)


def test_a_whole_rfc_5424_message() -> None:
    message = parse(DATA)
    assert message.time_ns == 1_770_091_506_789_000_000
    assert message.text == "all of it"
    assert message.whole == DATA
    assert message.facts(with_data=True) == {
        "__syslog_message_severity": "notice",
        "__syslog_message_facility": "local4",
        "__syslog_message_hostname": "host",
        "__syslog_message_app_name": "app",
        "__syslog_message_proc_id": "77",
        "__syslog_message_msg_id": "ID47",
        "__syslog_message_sd_ex_32473_iut": "3",
        "__syslog_message_sd_ex_32473_note": 'a"b]c',
        "__syslog_message_sd_b_x": "y",
    }
    assert "__syslog_message_sd_b_x" not in message.facts(with_data=False)


def test_nothing_but_the_least() -> None:
    message = parse("<0>1 - - - - - -")
    assert message.text is None and message.time_ns is None  # noqa: PT018
    assert message.facts(with_data=True) == {
        "__syslog_message_severity": "emergency",
        "__syslog_message_facility": "kern",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no", "priority value"),
        ("<192>1 - - - - - - x", "priority value"),
        ("<01>1 - - - - - - x", "priority value"),
        ("<13>hello", "version value"),
        ("<13>1 yesterday - - - - - x", "5424 header"),
        ("<13>1 - - - - - [a x=1] y", "structured data"),
        ('<13>1 - - - - - [a][a x="1"] y', "duplicate structured data element id 'a'"),
        ("<13>1 - - - - - -x", "a space before the message"),
    ],
)
def test_what_is_no_message_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        parse(text)


@pytest.mark.parametrize(
    ("text", "host", "app", "proc", "body"),
    [
        ("<34>Oct 11 22:14:15 box su: 'su root' failed", "box", "su", "", "'su root' failed"),
        ("<13>Feb  5 17:32:18 10.0.0.99 sshd[4711]: bad", "10.0.0.99", "sshd", "4711", "bad"),
        ("<13>Feb 05 17:32:18 cron[1]: no host", "", "cron", "1", "no host"),
        ("<13>Feb  5 17:32:18 box just text here", "box", "", "", "just text here"),
        ("<13>2026-02-05T17:32:18.5+01:00 box app: x", "box", "app", "", "x"),
        ("<13>app: neither time nor host", "", "app", "", "neither time nor host"),
        ("<189>237: *Jan  8 19:46:03.295: %SYS-5: Configured", "", "%SYS-5", "", "Configured"),
    ],
)  # fmt: skip
def test_rfc_3164_as_it_is_sent(text: str, host: str, app: str, proc: str, body: str) -> None:
    message = parse(text, is_rfc3164=True)
    assert (message.hostname, message.app_name, message.proc_id) == (host, app, proc)
    assert message.text == body


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("Feb  5 17:32:18", dt.datetime(2026, 2, 5, 17, 32, 18, tzinfo=dt.UTC)),
        ("Dec 31 23:59:59", dt.datetime(2025, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
        ("Mar  2 00:00:00", dt.datetime(2026, 3, 2, tzinfo=dt.UTC)),
    ],
)
def test_a_time_without_a_year_is_near_now(stamp: str, expected: dt.datetime) -> None:
    message = parse(f"<13>{stamp} h a: x", is_rfc3164=True)
    assert message.time_ns == int(expected.timestamp()) * 10**9


def test_rfc_3164_is_known_where_rfc_5424_is_expected() -> None:
    message = parse("<13>Feb  5 17:32:18 box app: x")
    assert (message.hostname, message.app_name, message.text) == ("box", "app", "x")
