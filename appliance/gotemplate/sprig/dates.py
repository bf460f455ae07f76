"""Sprig's functions on times (Masterminds/sprig v3, date.go); the local zone is UTC."""

from __future__ import annotations

import datetime as dt
from time import time_ns
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_go_duration
from appliance.gotemplate.time_parse import parse_time
from appliance.gotemplate.times import ZERO_NS, Time
from appliance.gotemplate.values import ANY, Function
from appliance.gotemplate.zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECOND = 10**9


def _zone_or_utc(name: str) -> dt.tzinfo:
    try:
        return zone_of(name)
    except BadInput:
        return dt.UTC


def parsed_in(form: str, zone: str, text: str) -> Time:
    """A time read by a layout; Go's zero time for what does not fit."""
    found = _zone_or_utc(zone)
    try:
        return Time(parse_time(form, text, found), zone=found)
    except BadInput:
        return Time(ZERO_NS)


def date_in_zone(form: str, when: Any, zone: str) -> str:
    """A time, or Unix seconds, by a layout; anything else stands for now."""
    if isinstance(when, Time):
        moment = when
    elif isinstance(when, int) and not isinstance(when, bool):
        moment = Time(int(when) * _SECOND)
    else:
        moment = Time(time_ns())
    return moment.within(_zone_or_utc(zone)).format(form)


def _modified(change: str, when: Time) -> Time:
    try:
        return Time(when.ns + parse_go_duration(change), zone=when.zone)
    except BadInput:
        return when


_S, _T = "string", "time.Time"
DATES: Mapping[str, Function] = {
    "date": Function((_S, ANY), lambda form, when: date_in_zone(form, when, "UTC")),
    "dateInZone": Function((_S, ANY, _S), date_in_zone),
    "dateModify": Function((_S, _T), _modified),
    "date_in_zone": Function((_S, ANY, _S), date_in_zone),
    "date_modify": Function((_S, _T), _modified),
    "htmlDate": Function((ANY,), lambda when: date_in_zone("2006-01-02", when, "UTC")),
    "now": Function((), lambda: Time(time_ns())),
    "toDate": Function((_S, _S), lambda form, text: parsed_in(form, "UTC", text)),
    "unixEpoch": Function((_T,), lambda when: str(when.ns // _SECOND)),
}
