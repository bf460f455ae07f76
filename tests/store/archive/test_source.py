"""Stored spans with the archive behind them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import LimitExceeded
from appliance.model.trace import StoredSpan
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.archive.source import SpansWithArchive
from tests.spans import PlainSpan, PlainSpans

ID = bytes(15) + b"\1"
SPANS = [PlainSpan(1, number, start_ns=10 * number) for number in (1, 2, 3, 4)]


class Kept:
    """An archive in memory, of one tenant."""

    def __init__(self, spans: Sequence[PlainSpan]) -> None:
        self._spans = [span.stored() for span in spans]

    def kept(self, tenant: str, trace_id: bytes) -> list[StoredSpan]:
        return self._spans if (tenant, trace_id) == ("a", ID) else []


def guard(**limits: int) -> QueryGuard:
    return QueryGuard(QueryLimits(**limits), ManualClock())


def source(
    stored: Sequence[PlainSpan], kept: Sequence[PlainSpan], tenant: str = "a"
) -> SpansWithArchive:
    return SpansWithArchive(PlainSpans(stored), Kept(kept), tenant)


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        (SPANS, []),
        ([], SPANS),
        (SPANS, SPANS[:2]),
        (SPANS[2:], SPANS),
        (SPANS[1::2], SPANS[::2]),
    ],
)
def test_what_retention_has_taken_comes_from_the_archive(
    stored: list[PlainSpan], kept: list[PlainSpan]
) -> None:
    found = source(stored, kept).trace(ID, guard())
    assert list(found) == [span.stored() for span in SPANS]
    assert not found.is_partial


def test_archived_traces_are_those_of_their_tenant() -> None:
    assert source([], SPANS, "b").trace(ID, guard()) == []
    assert source([], SPANS).trace(bytes(16), guard()) == []


def test_no_more_bytes_than_asked_for() -> None:
    size = len(SPANS[0].stored().span)
    for stored in ([], SPANS[:1]):
        found = source(stored, SPANS).trace(ID, guard(), max_bytes=size + 1)
        assert (len(found), found.is_partial) == (2, True)
    assert not source([], SPANS).trace(ID, guard(), max_bytes=100 * size).is_partial
    with pytest.raises(LimitExceeded):
        source([], SPANS).trace(ID, guard(max_bytes=size))


def test_everything_else_is_what_is_stored() -> None:
    both = source(SPANS[:1], SPANS)
    assert [columns.count for columns in both.scan(0, 100, guard())] == [1]
    with both.whole_traces(0, 100, guard()) as blocks:
        assert [columns.count for columns in blocks] == [1]
    assert both.services() == ["shop"]
    assert both.operations("shop") == [("op", 2)]
