"""Addresses in a whole text against those that are found line by line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.lines.ip_range import IpRange
from appliance.lines.ip_scan import addresses

octets = st.sampled_from(["0", "1", "9", "10", "192", "255", "256", "007", "1234", ""])
pieces = st.one_of(
    st.lists(octets, min_size=1, max_size=6).map(".".join),
    st.sampled_from(["a", "fe:", "::", " ", "=", '"', "x", "ip:", ".", "\n", "é", "::ffff:"]),
)
texts = st.lists(pieces, max_size=12).map(lambda found: "".join(found).encode())


def rows(places: np.ndarray, text: bytes) -> set[int]:
    return {text[: int(place)].count(b"\n") for place in places}


@pytest.mark.parametrize("wanted", ["10.0.0.0/8", "192.10.1.9", "0.0.0.0/0", "1.1.1.1-9.9.9.9"])
@given(text=texts)
def test_places_are_in_the_lines_that_have_addresses(wanted: str, text: bytes) -> None:
    chosen = IpRange(wanted)
    assert chosen.v4_bounds is not None
    found = addresses(text, *chosen.v4_bounds)
    truth = {at for at, line in enumerate(text.split(b"\n")) if chosen.is_in(line)}
    assert rows(found.certain, text) <= truth
    assert truth <= rows(found.certain, text) | rows(found.doubtful, text)


def test_plain_addresses_are_certain() -> None:
    text = b'{"ip":"10.0.1.7","other":"10.0.1.200"}\nfrom 10.0.1.1 to 10.0.0.9\n 10.0.1.19,'
    bounds = IpRange("10.0.1.0/27").v4_bounds
    assert bounds is not None
    found = addresses(text, *bounds)
    assert rows(found.certain, text) == {0, 1, 2}
    assert len(found.certain) == 3
    assert not len(found.doubtful)
