"""Syslog messages (RFC 5424; RFC 3164 as senders write it).

# Differs from promtail: RFC 3164 times have the year that brings them closest to now, and are in
this machine's zone; a message without a time or a host is taken, too.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.ingest.tail.rfc3339 import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

SEVERITIES = (
    "emergency",
    "alert",
    "critical",
    "error",
    "warning",
    "notice",
    "informational",
    "debug",
)
#: promtail's names; those without a keyword are told in words.
FACILITIES = (
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "clock daemon",
    "authpriv",
    "ftp",
    "NTP subsystem",
    "log audit",
    "log alert",
    "cron",
    *(f"local{number}" for number in range(8)),
)
_PRI = re.compile(r"<(0|[1-9]\d{0,2})>")
_MAX_PRI = 191
_TIME = r"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))"
_5424 = re.compile(
    rf"(?P<version>[1-9]\d{{0,2}}) (?P<time>-|{_TIME}) (?P<host>\S{{1,255}}) (?P<app>\S{{1,48}})"
    r" (?P<proc>\S{1,128}) (?P<msgid>\S{1,32}) "
)
_ELEMENT = re.compile(
    r'\[([^\s=\]"]{1,32})((?: +[^\s=\]"]{1,32}="(?:[^"\\\]]|\\.)*")*) *\]', re.DOTALL
)
_PARAM = re.compile(r'([^\s=\]"]{1,32})="((?:[^"\\\]]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\\]])')
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_STAMP = re.compile(
    rf"(?P<month>{'|'.join(_MONTHS)}) +(?P<day>\d{{1,2}})"
    r" (?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:\.\d+)?:?"
)
_3164_HEAD = re.compile(rf" *(?:\d+: *\*?)?(?P<stamp>{_STAMP.pattern}|{_TIME}) +")
_HOST = re.compile(r"([^\s:\[\]]{1,255}) +(?=\S)")
_TAG = re.compile(r"([^\s:\[]{1,48})(?:\[([^\[\]\s]*)\])?: ?")
_BOM = "\ufeff"
_HALF_YEAR = dt.timedelta(days=183)


@dataclass(frozen=True, slots=True)
class SyslogMessage:
    """One message.

    Attributes:
        time_ns: None when it says none.
        hostname, app_name, proc_id, msg_id: Empty when absent.
        data: Structured data: parameters by element.
        text: What was logged; None when there is nothing.
        whole: The message as it came.
    """

    priority: int
    time_ns: int | None
    hostname: str
    app_name: str
    proc_id: str
    msg_id: str
    text: str | None
    whole: str
    data: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def facts(self, *, with_data: bool) -> dict[str, str]:
        """Labels for relabelling; empty values are left out.

        Args:
            with_data: Whether structured data is among them.
        """
        found = {
            "__syslog_message_severity": SEVERITIES[self.priority % 8],
            "__syslog_message_facility": FACILITIES[self.priority // 8],
            "__syslog_message_hostname": self.hostname,
            "__syslog_message_app_name": self.app_name,
            "__syslog_message_proc_id": self.proc_id,
            "__syslog_message_msg_id": self.msg_id,
        }
        if with_data:
            for element, parameters in self.data.items():
                start = f"__syslog_message_sd_{element.replace('@', '_')}_"
                found |= {start + name: value for name, value in parameters.items()}
        return {name: value for name, value in found.items() if value}


def parse_message(data: bytes, *, is_rfc3164: bool, now: dt.datetime) -> SyslogMessage:
    """Read one message.

    Args:
        is_rfc3164: Which of the two it should be; one that looks like RFC 3164 always is.
        now: For the year of times that have none; with a time zone.

    Raises:
        BadInput: It is neither.
    """
    whole = data.decode("utf-8", "replace")
    priority = _PRI.match(whole)
    if priority is None or int(priority[1]) > _MAX_PRI:
        raise BadInput("expecting a priority value within angle brackets")
    rest = whole[priority.end() :]
    if is_rfc3164 or _3164_HEAD.match(rest):
        return _rfc3164(int(priority[1]), rest, whole, now)
    return _rfc5424(int(priority[1]), rest, whole)


def _rfc5424(priority: int, rest: str, whole: str) -> SyslogMessage:
    head = _5424.match(rest)
    if head is None:
        if not re.match(r"[1-9]\d{0,2} ", rest):
            raise BadInput("expecting a version value in the range 1-999")
        raise BadInput("expecting a RFC 5424 header: time, hostname, app-name, procid, msgid")
    data, at = _structured_data(rest, head.end())
    text = rest[at + 1 :].removeprefix(_BOM) if rest[at : at + 1] == " " else None
    if text is None and at < len(rest):
        raise BadInput("expecting a space before the message")
    stamp = head["time"]
    return SyslogMessage(
        priority=priority,
        time_ns=None if stamp == "-" else _nanoseconds(stamp),
        hostname=_given(head["host"]),
        app_name=_given(head["app"]),
        proc_id=_given(head["proc"]),
        msg_id=_given(head["msgid"]),
        text=text or None,
        whole=whole,
        data=data,
    )


def _structured_data(rest: str, at: int) -> tuple[dict[str, dict[str, str]], int]:
    if rest.startswith("-", at):
        return {}, at + 1
    found: dict[str, dict[str, str]] = {}
    while element := _ELEMENT.match(rest, at):
        if element[1] in found:
            raise BadInput(f"duplicate structured data element id {element[1]!r}")
        found[element[1]] = {
            name: _ESCAPED.sub(r"\1", value) for name, value in _PARAM.findall(element[2])
        }
        at = element.end()
    if not found:
        raise BadInput("expecting a structured data section or a nil value")
    return found, at


def _given(value: str) -> str:
    return "" if value == "-" else value


def _nanoseconds(text: str) -> int:
    found = parse_time(text.encode())
    if found is None:
        raise BadInput(f"invalid time {text!r}")
    return found


def _rfc3164(priority: int, rest: str, whole: str, now: dt.datetime) -> SyslogMessage:
    head = _3164_HEAD.match(rest)
    time_ns, host = None, ""
    if head is not None:
        stamp = head["stamp"]
        time_ns = _stamp_ns(stamp, now) if stamp[:1].isalpha() else _nanoseconds(stamp)
        rest = rest[head.end() :]
        found = _HOST.match(rest)
        if found is not None:
            host, rest = found[1], rest[found.end() :]
    rest = rest.lstrip(" ")
    tag = _TAG.match(rest)
    text = rest[tag.end() :] if tag is not None else rest
    return SyslogMessage(
        priority=priority,
        time_ns=time_ns,
        hostname=host,
        app_name=tag[1] if tag is not None else "",
        proc_id=(tag[2] or "") if tag is not None else "",
        msg_id="",
        text=text.rstrip("\n") or None,
        whole=whole,
    )


def _stamp_ns(stamp: str, now: dt.datetime) -> int | None:
    found = _STAMP.match(stamp)
    if found is None:
        return None
    month, day = _MONTHS[found["month"]], int(found["day"])
    for year in (now.year, now.year - 1, now.year + 1):
        try:
            time = dt.datetime(
                year,
                month,
                day,
                int(found["h"]),
                int(found["m"]),
                int(found["s"]),
                tzinfo=now.tzinfo,
            )
        except ValueError:
            continue
        if abs(time - now) <= _HALF_YEAR:
            return int(time.timestamp()) * 10**9
    return None
