"""Watches: told of what matches, once, after the commit; those that fail are let go."""

from __future__ import annotations

import logging

import pytest

from appliance.model.labels import Labels
from appliance.model.log import LogChunk
from appliance.store.logs.store import LogStore
from tests.store.logs.build import batch, equal, rows, texts

A, B = {"app": "a"}, {"app": "b"}


def put(store: LogStore, labels: dict[str, str], *times: int, tenant: str = "t") -> None:
    store.append(tenant, [batch(labels, times, k="v")]).result(5)


def test_a_watch_is_told_of_streams_that_match_until_it_ends(store: LogStore) -> None:
    put(store, A, 1)
    seen: list[LogChunk] = []
    end = store.watch("t", (equal("app", "a"),), seen.append)
    put(store, A, 3, 2)
    put(store, B, 4)
    put(store, A, 5, tenant="other")
    put(store, A, 6)
    end()
    end()
    put(store, A, 7)
    assert rows(iter(seen)) == [
        (Labels.of(A), time, b"%d" % time, (("k", "v"),)) for time in (2, 3, 6)
    ]


def test_a_watch_may_begin_before_its_tenant_and_stream_are_known(store: LogStore) -> None:
    seen: list[LogChunk] = []
    store.watch("new", (), seen.append)
    put(store, A, 1, tenant="new")
    assert [chunk.line(0) for chunk in seen] == [b"1"]


def test_what_a_watch_is_told_is_found_by_queries(store: LogStore) -> None:
    found: list[list[str]] = []
    store.watch("t", (), lambda _: found.append(texts(store)))
    put(store, A, 1)
    assert found == [["1"]]


def test_a_watch_that_fails_is_let_go_and_hurts_no_other(
    store: LogStore, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[LogChunk] = []
    failures: list[int] = []

    def fail(_: LogChunk) -> None:
        failures.append(1)
        raise ValueError("no")

    store.watch("t", (), fail)
    store.watch("t", (), seen.append)
    with caplog.at_level(logging.ERROR):
        put(store, A, 1)
        put(store, A, 2)
    assert failures == [1]
    assert len(seen) == 2
    assert "a watch failed" in caplog.text
