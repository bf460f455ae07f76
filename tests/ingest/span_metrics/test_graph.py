"""Edges of the service graph, made of the two sides of a request."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.ingest.span_metrics.graph import Edge, ServiceGraph
from appliance.model.trace import SpanBatch
from tests.ingest.span_metrics.span_batches import (
    CLIENT,
    CONSUMER,
    NOW_MS,
    PRODUCER,
    SERVER,
    batch,
    span,
)


def pair(graph: ServiceGraph, spans: SpanBatch, at_ms: int = NOW_MS) -> list[Edge]:
    return graph.pair(spans, np.arange(len(spans)), at_ms)


def ends(edges: list[Edge]) -> list[tuple[str, str, str]]:
    return [(edge.client, edge.server, edge.connection) for edge in edges]


CALLER = span(CLIENT, span_id=5, seconds=0.5)
CALLED = span(SERVER, span_id=6, parent=5, seconds=0.2, failed=True)


@pytest.mark.parametrize("client_first", [True, False])
def test_two_sides_make_an_edge_in_either_order(client_first: bool) -> None:  # noqa: FBT001
    graph = ServiceGraph()
    sides = [batch("web", CALLER), batch("api", CALLED)]
    first, second = sides if client_first else sides[::-1]
    assert pair(graph, first) == []
    (edge,) = pair(graph, second)
    assert ends([edge]) == [("web", "api", "")]
    assert (edge.client_seconds, edge.server_seconds, edge.has_failed) == (0.5, 0.2, True)
    assert len(graph) == 0


def test_spans_of_other_traces_and_kinds_do_not_pair() -> None:
    graph = ServiceGraph()
    other = span(SERVER, trace=2, span_id=6, parent=5)
    internal = span(1, span_id=7, parent=5)
    assert pair(graph, batch("web", CALLER)) == []
    assert pair(graph, batch("api", other, internal)) == []
    assert len(graph) == 2


def test_messages_are_a_connection_of_their_own() -> None:
    graph = ServiceGraph()
    pair(graph, batch("web", span(PRODUCER, span_id=5)))
    done = pair(graph, batch("mail", span(CONSUMER, span_id=6, parent=5)))
    assert ends(done) == [("web", "mail", "messaging_system")]


@pytest.mark.parametrize(
    ("attributes", "database"),
    [
        ({"db.system": "redis"}, "redis"),
        ({"db.system": "postgresql", "db.name": "shop"}, "shop"),
        ({"db.name": "shop", "db.namespace": "ns"}, "ns"),
        ({"db.name": "shop", "server.address": "db1"}, "db1"),
        ({"db.name": "shop", "server.address": "db1", "peer.service": "pg"}, "pg"),
        ({"db.name": "shop", "network.peer.address": "10.0.0.1"}, "10.0.0.1"),
        ({"db.name": "s", "network.peer.address": "h", "network.peer.port": 5432}, "h:5432"),
    ],
)
def test_a_request_to_a_database_is_complete_at_once(
    attributes: dict[str, str | int], database: str
) -> None:
    query = span(CLIENT, seconds=0.5, attributes=attributes)
    (edge,) = pair(ServiceGraph(), batch("api", query))
    assert ends([edge]) == [("api", database, "database")]
    assert edge.server_seconds == 0.5


def test_what_waits_in_vain_may_show_a_service_without_spans() -> None:
    graph = ServiceGraph(wait_ms=1000)
    pair(graph, batch("web", span(SERVER, trace=1)))
    pair(graph, batch("pay", span(CLIENT, trace=2, attributes={"peer.service": "stripe"})))
    pair(graph, batch("lost", span(CLIENT, trace=3), span(SERVER, trace=4, parent=9)))
    assert graph.expire(NOW_MS + 999) == ([], 0)
    edges, lost = graph.expire(NOW_MS + 1000)
    assert ends(edges) == [("user", "web", "virtual_node"), ("pay", "stripe", "virtual_node")]
    assert lost == 2
    assert len(graph) == 0


def test_a_side_that_comes_after_the_wait_begins_anew() -> None:
    graph = ServiceGraph(wait_ms=1000)
    pair(graph, batch("web", CALLER))
    graph.expire(NOW_MS + 1000)
    assert pair(graph, batch("api", CALLED), NOW_MS + 1500) == []


def test_over_the_limit_spans_are_dropped_and_counted() -> None:
    graph = ServiceGraph(limit=2)
    pair(graph, batch("web", *(span(CLIENT, span_id=number) for number in range(1, 6))))
    assert (len(graph), graph.dropped) == (2, 3)
    assert ends(pair(graph, batch("api", span(SERVER, span_id=9, parent=1)))) == [
        ("web", "api", "")
    ]
