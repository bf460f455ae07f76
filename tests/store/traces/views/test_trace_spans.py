"""One trace out of several pieces, within a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

if TYPE_CHECKING:
    from appliance.query.limits import QueryGuard
    from appliance.store.traces.store import SpanStore


@pytest.fixture
def filled(store: SpanStore, build: Any) -> SpanStore:
    """Trace 1: 100 spans in each of two blocks and in the head, of 1000 bytes and more each."""
    for first in (1, 101, 201):
        spans = [
            build.span(1, n, attributes={"text": f"{n}" + "x" * 1000})
            for n in range(first, first + 100)
        ]
        store.append("anonymous", build.batch(spans)).result(5)
        if first < 201:
            store.seal(force=True)
    return store


@pytest.mark.parametrize("kilobytes", [0.001, 1, 50, 150, 210, 290])
def test_a_bound_gives_the_first_spans(
    filled: SpanStore, build: Any, guard: QueryGuard, kilobytes: float
) -> None:
    bound = int(kilobytes * 1100)
    found = filled.source("anonymous").trace(build.trace_id(1), guard, max_bytes=bound)
    assert found.is_partial
    assert len(found) == pytest.approx(kilobytes, rel=0.04, abs=1)
    numbers = [int.from_bytes(Span.FromString(one.span).span_id) for one in found]
    assert numbers == list(range(1, len(found) + 1))


@pytest.mark.parametrize("bound", [None, 400_000])
def test_what_is_whole_is_not_partial(
    filled: SpanStore, build: Any, guard: QueryGuard, bound: int | None
) -> None:
    source = filled.source("anonymous")
    found = source.trace(build.trace_id(1), guard, max_bytes=bound)
    assert (len(found), found.is_partial) == (300, False)
    unknown = source.trace(build.trace_id(2), guard, max_bytes=bound)
    assert (list(unknown), unknown.is_partial) == ([], False)


def test_a_span_sent_again_shows_once(filled: SpanStore, build: Any, guard: QueryGuard) -> None:
    for _ in range(2):
        filled.append("anonymous", build.batch([build.span(9, 1), build.span(9, 2)])).result(5)
        filled.seal(force=True)
    filled.append("anonymous", build.batch([build.span(9, 2, duration_ns=5)])).result(5)
    found = filled.source("anonymous").trace(build.trace_id(9), guard)
    assert len(found) == 3
