"""Time zones by name; the local zone is UTC."""

from __future__ import annotations

import datetime as dt
import functools

from appliance.base.errors import BadInput


@functools.lru_cache(maxsize=256)
def zone_of(name: str) -> dt.tzinfo:
    """The zone of a name such as Europe/Berlin.

    Raises:
        BadInput: There is none of that name.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - 20 ms

    if name in {"", "UTC", "Local"}:
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"unknown time zone {name}") from error
