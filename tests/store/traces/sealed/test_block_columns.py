"""The head's and a block's columns of the same spans are the same, and say what the spans say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from appliance.store.traces.sealed.block import BlockLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.model.trace import Dictionary, SpanColumns
    from appliance.query.limits import QueryGuard
    from appliance.store.traces.store import SpanStore

END_NS = 2**63 - 1
NUMBERS = ("start_ns", "duration_ns", "kind", "status", "span_id", "parent_id")


def values(column: Dictionary | None) -> list[object]:
    assert column is not None
    return [column.values[number] if number >= 0 else "-" for number in column.ids.tolist()]


def dump(view: SpanColumns) -> dict[str, object]:
    """Everything a view says."""
    told: dict[str, object] = {name: view.numbers(name).tolist() for name in NUMBERS}
    told |= {f"{name} type": str(view.numbers(name).dtype) for name in NUMBERS}
    told |= {"trace_ids": view.trace_ids().tolist(), "count": view.count}
    told |= {"names": values(view.names()), "services": values(view.services())}
    for scope in ("span", "resource"):
        for key in view.attribute_keys(scope):
            told[f"{scope}.{key}"] = values(view.attribute(scope, key))
    told["spans"] = view.spans(np.arange(view.count)[::-1])
    return told


def fill(store: SpanStore, build: Any) -> None:
    for start in range(0, 60, 20):
        spans = [
            build.span(
                number * 7 % 11,
                number,
                parent=number // 2,
                name=f"op{number % 4}",
                start_ns=1000 - number,
                kind=number % 6,
                attributes={"n": number, "even": number % 2 == 0, f"key{number % 13}": "x"},
            )
            for number in range(start + 1, start + 21)
        ]
        store.append("anonymous", build.batch(spans, f"s{start}", zone=str(start))).result(5)


def view_of(store: SpanStore, guard: QueryGuard) -> SpanColumns:
    (view,) = list(store.source("anonymous").scan(0, END_NS, guard))
    return view


def test_head_says_what_the_spans_say(store: SpanStore, build: Any, guard: QueryGuard) -> None:
    fill(store, build)
    view = view_of(store, guard)
    assert view.count == 60
    n = values(view.attribute("span", "n"))
    assert sorted(n) == list(range(1, 61))  # type: ignore[type-var]  # they are numbers
    numbers = np.array(n)
    assert view.numbers("span_id").tolist() == n
    assert view.numbers("parent_id").tolist() == (numbers // 2).tolist()
    assert view.numbers("start_ns").tolist() == (1000 - numbers).tolist()
    assert view.trace_ids()[:, 15].tolist() == (numbers * 7 % 11).tolist()
    assert values(view.names()) == [f"op{number % 4}" for number in numbers]
    assert values(view.services()) == [f"s{(number - 1) // 20 * 20}" for number in numbers]
    assert values(view.attribute("resource", "zone")) == [
        str((number - 1) // 20 * 20) for number in numbers
    ]
    order = np.lexsort((view.numbers("start_ns"), view.trace_ids()[:, 15]))
    assert order.tolist() == list(range(60))


def test_block_says_the_same_as_the_head(store: SpanStore, build: Any, guard: QueryGuard) -> None:
    fill(store, build)
    before = dump(view_of(store, guard))
    store.seal(force=True)
    view = view_of(store, guard)
    assert dump(view) == before
    assert dump(view) == before  # now from the cache
    assert view.spans(np.array([], np.int64)) == []


@pytest.mark.parametrize(
    "limits", [BlockLimits(max_columns=2), BlockLimits(max_values_bytes=100), BlockLimits(0, 0)]
)
def test_keys_over_the_limits_are_read_from_the_spans(
    open_store: Callable[..., SpanStore], build: Any, guard: QueryGuard, limits: BlockLimits
) -> None:
    store = open_store(block=limits)
    fill(store, build)
    before = dump(view_of(store, guard))
    store.seal(force=True)
    assert dump(view_of(store, guard)) == before


@pytest.mark.parametrize("sealed", [False, True])
def test_absent_keys_and_scopes(
    store: SpanStore, build: Any, guard: QueryGuard, *, sealed: bool
) -> None:
    store.append("anonymous", build.batch([build.span(1, 1, attributes={"a": 1})])).result(5)
    if sealed:
        store.seal(force=True)
    view = view_of(store, guard)
    assert view.attribute("span", "b") is None
    assert view.attribute("resource", "a") is None
    assert view.attribute("event", "a") is None
    assert view.attribute_keys("event") == []
    assert view.attribute_keys("span") == ["a"]
    assert view.attribute_keys("resource") == ["service.name"]


def test_attribute_named_like_a_column_of_ours(
    store: SpanStore, build: Any, guard: QueryGuard
) -> None:
    attributes = {"other_keys": "a", "name": "b", "frame": "c", "start_ns": "d", "": "e"}
    store.append("anonymous", build.batch([build.span(1, 1, attributes=attributes)])).result(5)
    store.seal(force=True)
    view = view_of(store, guard)
    assert {key: values(view.attribute("span", key))[0] for key in attributes} == attributes
    assert values(view.names()) == ["GET /"]


def test_view_outlives_its_scan(store: SpanStore, build: Any, guard: QueryGuard) -> None:
    fill(store, build)
    store.seal(force=True)
    scan = store.source("anonymous").scan(0, END_NS, guard)
    view = next(scan)
    scan.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(view.spans(np.arange(60))) == 60
