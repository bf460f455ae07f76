"""Metadata of pushed metrics: the last said, bounded, kept over restarts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from appliance.model.sample import MetricMetadata
from appliance.store.metrics.records.metadata import MetadataTable
from tests.store.metrics.conftest import Bench

COUNTER = MetricMetadata("counter", "How many.", "bytes")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE metadata(tenant, name, type, help, unit)")
    yield made
    made.close()


def test_the_last_said_holds_over_restarts(bench: Bench) -> None:
    store = bench.store
    for families in ({"x": MetricMetadata("gauge")}, {"x": COUNTER, "y": MetricMetadata()}):
        future = store.set_metadata("a", families)
        assert future is not None
        future.result(5)
    assert store.set_metadata("a", {"x": COUNTER}) is None, "nothing new"
    for _ in range(2):
        assert bench.store.metadata("a") == {"x": COUNTER, "y": MetricMetadata()}
        assert bench.store.metadata("b") == {}
        bench.reopen()


def test_the_number_of_metrics_is_bounded(connection: sqlite3.Connection) -> None:
    table = MetadataTable(connection, limit=2)
    news = table.news(1, dict.fromkeys("abc", COUNTER))
    assert sorted(news) == ["a", "b"] == sorted(table.of(1))
    assert table.news(1, {"a": MetricMetadata()}) == {"a": MetricMetadata()}


def test_what_could_not_be_written_is_said_again(connection: sqlite3.Connection) -> None:
    table = MetadataTable(connection)
    news = table.news(1, {"a": COUNTER})
    table.retract(1, news)
    assert table.of(1) == {}
    assert table.news(1, {"a": COUNTER}) == news
