"""Volumes: whole chunks by the index, others by their share, head included."""

from __future__ import annotations

import itertools
from unittest.mock import Mock

import pytest

from appliance.model.labels import Labels
from appliance.model.log import StreamVolume
from appliance.store.logs.reading import select
from appliance.store.logs.reading.listing import list_pieces
from appliance.store.logs.store import LogStore
from tests.store.logs.build import Bounds, batch, equal

A, B = {"app": "a"}, {"app": "b"}
LINES = ["1", "22", "333", "4444"]


def volumes(store: LogStore, start: int, end: int) -> list[StreamVolume]:
    return store.source("t").volumes((), start, end, Bounds())


def test_volumes_are_sums_of_chunks_and_head_by_stream(store: LogStore) -> None:
    store.append("t", [batch(B, [5], ["b"]), batch(A, [1, 2, 3, 4], LINES)]).result(5)
    store.seal(force=True)
    store.append("t", [batch(A, [9], ["55555"])]).result(5)
    assert volumes(store, 0, 99) == [
        StreamVolume(Labels.of(A), 2, 5, 20),
        StreamVolume(Labels.of(B), 1, 1, 2),
    ]
    found = store.source("t").volumes((equal("app", "b"),), 0, 99, Bounds())
    assert [one.labels for one in found] == [Labels.of(B)]


def test_of_chunks_that_reach_over_the_edge_the_share_within_counts(store: LogStore) -> None:
    store.append("t", [batch(A, [1, 2, 3, 4], LINES)]).result(5)
    within = [StreamVolume(Labels.of(A), 1, 2, 7)]
    assert volumes(store, 2, 4) == within
    store.seal(force=True)
    assert volumes(store, 2, 4) == within
    assert volumes(store, 5, 9) == []
    assert volumes(store, 4, 2) == []


def test_nothing_is_there_for_an_unknown_tenant(store: LogStore) -> None:
    assert store.source("nobody").volumes((), 0, 9, Bounds()) == []


def test_steps_are_volumes_of_their_ranges_from_one_listing(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append("t", [batch(A, [1, 2, 3, 4], LINES), batch(B, [3, 30])]).result(5)
    store.seal(force=True)
    store.append("t", [batch(A, [9, 12], ["55555", "6"])]).result(5)
    edges = [-(1 << 64), -5, 2, 3, 4, 4, 10, 31, 40, 1 << 64]
    steps = list(itertools.pairwise(edges))
    expected = [volumes(store, *step) for step in steps]
    listed = Mock(side_effect=list_pieces)
    monkeypatch.setattr(select, "list_pieces", listed)
    assert list(store.source("t").volume_steps((), steps, Bounds())) == expected
    assert listed.call_count == 1
    assert [[one.entries for one in found] for found in expected] == [
        [], [1], [1], [1, 1], [], [2], [1, 1], [], []
    ]  # fmt: skip
    assert list(store.source("nobody").volume_steps((), steps, Bounds())) == [[]] * len(steps)
    assert list(store.source("t").volume_steps((), [], Bounds())) == []
