"""What a sealed block records about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.store.traces.head import Part
from appliance.store.traces.sealed.block import BlockLimits, encode_block
from appliance.store.traces.table import pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.store.traces.store import SpanStore


def test_summary(build: Any) -> None:
    spans = [build.span(2, 1, start_ns=70), build.span(1, 2, start_ns=30, name="b")]
    spans.append(build.span(2, 3, start_ns=50))
    part = Part(pack(build.batch(spans)), 1, 0)
    block = encode_block([part], BlockLimits())
    assert (block.min_ns, block.max_ns, block.spans, block.traces) == (30, 70, 3, 2)
    assert block.raw_bytes == sum(span.ByteSize() for span in spans)
    assert sorted(block.operations) == [("shop", "GET /", 2), ("shop", "b", 2)]


def test_operations_over_the_limit_are_the_rare_ones(build: Any) -> None:
    names = ["often"] * 3 + ["rare", "some", "some"]
    spans = [build.span(1, n, name=name) for n, name in enumerate(names, 1)]
    block = encode_block([Part(pack(build.batch(spans)), 1, 0)], BlockLimits(max_operations=2))
    assert [name for _, name, _ in block.operations] == ["often", "some"]


def test_stored_bytes_are_those_of_the_rows(
    open_store: Callable[..., SpanStore], build: Any
) -> None:
    store = open_store()
    spans = [build.span(n, n, attributes={"a": n}) for n in range(1, 100)]
    store.append("anonymous", build.batch(spans)).result(5)
    store.seal(force=True)
    with store._database.reader() as connection:
        told = connection.execute("SELECT stored_bytes FROM block").fetchone()[0]
        columns = connection.execute("SELECT sum(length(data)) FROM block_column").fetchone()[0]
        filters = connection.execute("SELECT sum(length(data)) FROM trace_filter").fetchone()[0]
    assert told == columns + filters
