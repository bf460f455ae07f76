"""Services and span names, wherever the spans are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from appliance.store.traces.store import SpanStore


@pytest.mark.parametrize("sealed", ["none", "some", "all"])
def test_names_of_head_and_blocks(store: SpanStore, build: Any, sealed: str) -> None:
    store.append(
        "a", build.batch([build.span(1, 1, name="x", kind=3), build.span(1, 2, name="x")], "one")
    ).result(5)
    if sealed == "some":
        store.seal(force=True)
    store.append("a", build.batch([build.span(1, 3, name="x")], "one")).result(5)
    store.append("a", build.batch([build.span(1, 4, name="z")], "two")).result(5)
    store.append("b", build.batch([build.span(1, 5, name="other")], "one")).result(5)
    if sealed == "all":
        store.seal(force=True)
    source = store.source("a")
    assert source.services() == ["one", "two"]
    assert source.operations("one") == [("x", 2), ("x", 3)]
    assert source.operations("two") == [("z", 2)]
    assert source.operations("three") == []
