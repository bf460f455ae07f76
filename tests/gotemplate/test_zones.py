"""Time zones by name."""

from __future__ import annotations

import datetime as dt

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.zones import zone_of


def test_zones() -> None:
    assert zone_of("") is zone_of("Local") is dt.UTC
    winter = dt.datetime(2024, 1, 1, tzinfo=zone_of("Europe/Berlin"))
    assert winter.utcoffset() == dt.timedelta(hours=1)


@pytest.mark.parametrize("name", ["Nope/Zone", "../etc/passwd"])
def test_there_is_no_such_zone(name: str) -> None:
    with pytest.raises(BadInput, match=f"unknown time zone {name}"):
        zone_of(name)
