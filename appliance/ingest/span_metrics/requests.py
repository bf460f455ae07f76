"""Edges of the service graph as series (Tempo documentation, "Service graphs")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.ingest.span_metrics.groups import group, histogram, last_observed
from appliance.ingest.span_metrics.series import Added, Key, Shape
from appliance.ingest.span_metrics.wanted import TextIds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.ingest.span_metrics.graph import Edge

_FAILED = Shape(("traces_service_graph_request_failed_total",))


def shape_of(bounds: tuple[float, ...]) -> Shape:
    """The series of one pair of services, but for failures: these exist once there was one."""
    names = (
        "traces_service_graph_request_server_seconds",
        "traces_service_graph_request_client_seconds",
    )
    return Shape(("traces_service_graph_request_total",), names, bounds)


def measure_requests(edges: Sequence[Edge], bounds: tuple[float, ...]) -> list[Added]:
    """What some edges, at least one, add.

    Args:
        bounds: Buckets of both histograms, in seconds.
    """
    texts = TextIds()
    columns = [
        texts.ids_of([getattr(edge, name) for edge in edges])
        for name in ("client", "server", "connection")
    ]
    groups = group(columns)
    shape = shape_of(bounds)
    keys: list[Key] = [
        (
            ("client", edges[first].client),
            ("server", edges[first].server),
            ("connection_type", edges[first].connection),
        )
        for first in groups.first.tolist()
    ]
    traces = b"".join(edge.trace_id for edge in edges)
    trace_ids = np.frombuffer(traces, np.uint8).reshape(-1, 16)
    tables = [groups.counts().astype(np.float64)[:, None]]
    examples = []
    for number, name in enumerate(("server_seconds", "client_seconds")):
        seconds = np.array([getattr(edge, name) for edge in edges])
        table, buckets = histogram(groups, seconds, bounds)
        tables.append(table)
        columns_of = shape.first_bucket(number) + buckets
        examples.append(last_observed(groups, columns_of, seconds, trace_ids))
    failures = groups.sums(np.array([edge.has_failed for edge in edges]))
    failing = np.flatnonzero(failures)
    return [
        Added(shape, keys, np.hstack(tables), examples),
        Added(_FAILED, [keys[number] for number in failing.tolist()], failures[failing, None]),
    ]
