"""Trace ids by their beginning."""

from __future__ import annotations

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traces.prefix import ids_with_prefix
from appliance.traces.window import Window
from tests.spans import PlainSpan, PlainSpans

IDS = (0xAB << 120, (0xAB << 120) + 5, (0xABCDEF << 104) + 1, 0xAB << 56, 0xFF)
SOURCE = PlainSpans([PlainSpan(one, 1, start_ns=n) for n, one in enumerate(IDS)], 2)


def find(prefix: str, most: int = 10) -> set[int]:
    guard = QueryGuard(QueryLimits(), ManualClock())
    found = ids_with_prefix(SOURCE, prefix, Window(), guard, most=most)
    return {int.from_bytes(one) for one in found}


def test_ids_begin_alike() -> None:
    assert find("abcd") == {IDS[2]}
    assert find("ab") == set(IDS[:4])
    assert find("a" * 20) == set()
    assert find(f"{IDS[1]:032x}"[:31]) == set(IDS[:2])


def test_short_ids_are_found_without_their_zeros() -> None:
    assert find("00000000000000ff") == {IDS[4]}


def test_no_more_than_wanted() -> None:
    assert len(find("ab", most=2)) == 2
