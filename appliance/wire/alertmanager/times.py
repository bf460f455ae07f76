"""Times in Alertmanager's API v2 (go-openapi strfmt, `date-time`).

Read are RFC 3339 and the shorter forms that strfmt tries one after the other; printed are
milliseconds in UTC.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta

from appliance.base.errors import BadInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Go's zero time.
_ZERO = datetime(1, 1, 1, tzinfo=UTC)
_FIRST_NS = (_ZERO - _EPOCH) // timedelta(seconds=1) * 10**9
_LAST_NS = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1) * 10**9 + 10**9 - 1
_DAY = r"(?P<day>\d{4}-\d\d-\d\d)"
_MINUTE = r"(?:[01]\d|2[0-3]):[0-5]\d"
_SECOND = rf"(?P<clock>{_MINUTE}:[0-5]\d)"
_FRACTION = r"(?:[.,](?P<fraction>\d+))?"
_FORMS = tuple(
    re.compile(_DAY + rest, re.ASCII)
    for rest in (
        rf"T{_SECOND}{_FRACTION}(?P<zone>Z|[+-]\d\d:\d\d)?",
        rf"T{_SECOND}\.(?P<fraction>\d{{3}}|\d{{6}})(?P<zone>[+-]\d{{4}})",
        rf"T(?P<clock>{_MINUTE})Z?",
        rf" {_SECOND}{_FRACTION}",
        "",
    )
)
#: What Go's layout `2006-01-02` wants, piece by piece.
_LAYOUT = ((r"\d{4}", "2006"), ("-", "-"), (r"\d\d", "01"), ("-", "-"), (r"\d\d", "02"))


def parse_time(text: str) -> int | None:
    """Nanoseconds since the epoch; None for Go's zero time, the empty text is the epoch itself.

    Moments that an offset moves out of the years 1 to 9999 are the first or the last of these:
    nobody could print them.

    Raises:
        BadInput: None of the forms; worded as by the last one, a date alone.
    """
    if not text:
        return 0
    match = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    if match is None:
        raise BadInput(_fault(text))
    given = match.groupdict()
    clock, zone = given.get("clock") or "00:00", (given.get("zone") or "Z").replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(f"{given['day']}T{clock}{zone}")
    except ValueError:
        raise BadInput(_fault(text)) from None
    nanos = int((given.get("fraction") or "")[:9].ljust(9, "0"))
    if moment == _ZERO and not nanos:
        return None
    at_ns = (moment - _EPOCH) // timedelta(seconds=1) * 10**9 + nanos
    return min(max(at_ns, _FIRST_NS), _LAST_NS)


@functools.lru_cache(maxsize=4096)
def print_time(at_ns: int) -> str:
    """`2026-01-31T12:00:00.000Z`."""
    seconds, millis = divmod(at_ns // 10**6, 1000)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{millis:03d}Z".rjust(24, "0")


def _fault(text: str) -> str:
    """What Go says of a text that is no date."""
    rest = text
    for pattern, element in _LAYOUT:
        match = re.match(pattern, rest, re.ASCII)
        if match is None:
            what = f'cannot parse "{rest}" as "{element}"'
            return f'parsing time "{text}" as "2006-01-02": {what}'
        rest = rest[match.end() :]
    if not 1 <= int(text[5:7]) <= 12:
        return f'parsing time "{text}": month out of range'
    try:
        datetime.fromisoformat(text[:10])
    except ValueError:
        return f'parsing time "{text}": day out of range'
    return f'parsing time "{text}": extra text: "{rest}"'
