"""What spans of requests say of the other side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.ingest.span_metrics.wanted import TextIds, resource_values, span_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import SpanBatch

_DATABASE = ("db.namespace", "db.name", "db.system")
_PEER = ("peer.service", "db.name", "db.system", "db.system.name")
_KEYS = (
    "db.namespace",
    "db.name",
    "db.system",
    "db.system.name",
    "peer.service",
    "server.address",
    "network.peer.address",
    "network.peer.port",
)


@dataclass(frozen=True, slots=True)
class Peers:
    """Per span.

    Attributes:
        nodes: The service it names as its peer; empty when it names none.
        is_database: Whether it is a request to a database.
        databases: The database's name.
    """

    nodes: Sequence[str]
    is_database: Sequence[bool]
    databases: Sequence[str]


def peers_of(batch: SpanBatch, rows: NDArray[np.int64], asked: NDArray[np.bool_]) -> Peers:
    """What some spans of a batch say.

    Args:
        rows: int64[span].
        asked: bool[span], whose own attributes count; the resource's always do.
    """
    texts = TextIds()
    own = np.full((len(rows), len(_KEYS)), -1, np.int64)
    own[asked] = span_values([batch.spans[row] for row in rows[asked].tolist()], _KEYS, texts)
    shared = resource_values(batch.resources, _KEYS, texts)[batch.resource_ids[rows]]
    both = np.where(shared >= 0, shared, own)
    nodes = _first(own, _PEER)
    database = _first(both, _DATABASE)
    host = _column(both, "network.peer.address")
    port = _column(both, "network.peer.port")
    names = [*texts.texts, ""]
    joined = {
        (h, p): texts.id_of(f"{names[h]}:{names[p]}")
        for h, p in set(zip(host.tolist(), port.tolist(), strict=True))
        if h >= 0 <= p
    }
    with_port = np.array(
        [joined.get(pair, pair[0]) for pair in zip(host.tolist(), port.tolist(), strict=True)],
        np.int64,
    )
    choices = [_column(both, "peer.service"), _column(both, "server.address"), with_port, database]
    named = _coalesce(choices) if len(rows) else database
    shown = [*texts.texts, ""]
    return Peers(
        [shown[at] for at in nodes.tolist()],
        (database >= 0).tolist(),
        [shown[at] for at in named.tolist()],
    )


def _column(values: NDArray[np.int64], key: str) -> NDArray[np.int64]:
    found: NDArray[np.int64] = values[:, _KEYS.index(key)]
    return found


def _first(values: NDArray[np.int64], keys: Sequence[str]) -> NDArray[np.int64]:
    """The value of the first of some keys that a span has: int64[span]; -1 for none."""
    return _coalesce([_column(values, key) for key in keys])


def _coalesce(columns: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    found = columns[0]
    for column in columns[1:]:
        found = np.where(found >= 0, found, column)
    return found
